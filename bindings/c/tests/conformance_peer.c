/* SPDX-License-Identifier: MIT */
/* One side of the conformance suite, in C: see tests/conformance/peers.py for what a peer does. */
#include <ipczmq.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int code) {
  if (code == IPCZMQ_OK) return;
  fprintf(stderr, "%s: %s\n", ipczmq_code_name(code), ipczmq_error_message());
  exit(1);
}

static void print_quoted(const char* text) {
  putchar('"');
  for (; *text != '\0'; ++text) {
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar((unsigned char)*text < 0x20 ? ' ' : *text);
  }
  putchar('"');
}

static void print_hex(const ipczmq_value* value) {
  size_t size = 0;
  const unsigned char* data = ipczmq_value_data(value, &size);
  printf("{\"ok\":true,\"hex\":\"");
  for (size_t i = 0; i < size; ++i) printf("%02x", data[i]);
  printf("\"}\n");
  fflush(stdout);
}

static void print_error(void) {
  printf("{\"ok\":false,\"error\":");
  print_quoted(ipczmq_error_message());
  printf(",\"code\":\"%s\"}\n", ipczmq_code_name(ipczmq_error_code()));
  fflush(stdout);
}

/* The raw form of an event's arguments, without their copy: bytes, and the buffers beside them. */
struct parts {
  const unsigned char* data;
  size_t size, count;
  ipczmq_buffer** buffers;
};
static struct parts parts_of(const ipczmq_event* event) {
  const ipczmq_value* args = ipczmq_event_args(event);
  struct parts p = {NULL, 0, ipczmq_value_buffer_count(args), NULL};
  p.data = ipczmq_value_raw(args, &p.size);
  p.buffers = calloc(p.count + 1, sizeof *p.buffers);
  if (p.buffers == NULL) exit(1);
  for (size_t i = 0; i < p.count; ++i) p.buffers[i] = ipczmq_value_buffer(args, i);
  return p;
}
static void free_parts(struct parts* p) {
  for (size_t i = 0; i < p->count; ++i) ipczmq_buffer_free(p->buffers[i]);
  free(p->buffers);
}

static void echo_event(ipczmq_event* event, void* user) {
  (void)user;
  struct parts p = parts_of(event);
  must(ipczmq_event_reply(event, "echo-event-reply", p.data, p.size, p.buffers, p.count));
  free_parts(&p);
}
/* One argument comes: it is what follows the array's head of one byte. */
static void echo_first(ipczmq_event* event, void* user) {
  (void)user;
  struct parts p = parts_of(event);
  must(ipczmq_event_return(event, p.data + 1, p.size - 1, p.buffers, p.count));
  free_parts(&p);
}
static void throw_first(ipczmq_event* event, void* user) {
  (void)user;
  size_t size = 0;
  const unsigned char* data = ipczmq_value_data(ipczmq_event_args(event), &size);
  char text[32] = "";
  if (size > 1 && (data[1] & 0xe0) == 0xa0) memcpy(text, data + 2, data[1] & 31); /* a short str */
  must(ipczmq_event_fail(event, "Error", text, NULL, 0));
}
static void quit(ipczmq_event* event, void* main) {
  (void)event;
  must(ipczmq_stop(main));
}

static ipczmq_options* options(const char* endpoint) {
  ipczmq_options* o = ipczmq_options_new();
  must(ipczmq_options_set(o, "endpoint", endpoint));
  return o;
}

static void be_main(const char* endpoint) {
  ipczmq_options* o = options(endpoint);
  ipczmq_endpoint* main = NULL;
  must(ipczmq_main_new(o, &main));
  ipczmq_options_free(o);
  must(ipczmq_on(main, "echo-event", 0, echo_event, NULL, NULL, NULL));
  must(ipczmq_on(main, "echo-sync", 0, echo_first, NULL, NULL, NULL));
  must(ipczmq_handle(main, "echo-invoke", 0, echo_first, NULL, NULL));
  must(ipczmq_handle(main, "throw", 0, throw_first, NULL, NULL));
  must(ipczmq_on(main, "quit", 0, quit, main, NULL, NULL));
  printf("{\"ready\":[");
  print_quoted(ipczmq_bound(main, 0));
  printf("]}\n");
  fflush(stdout);
  must(ipczmq_run(main));
  ipczmq_endpoint_free(main);
}

static void print_reply(ipczmq_event* event, void* waiting) {
  *(int*)waiting = 0;
  print_hex(ipczmq_event_args(event));
}

/* The text of a member of a flat JSON object without escapes: ended in place, NULL without. */
static char* member(char* json, const char* name) {
  char* at = strstr(json, name);
  if (at == NULL || (at = strchr(at, ':')) == NULL || (at = strchr(at, '"')) == NULL) return NULL;
  char* end = strchr(++at, '"');
  if (end != NULL) *end = '\0';
  return at;
}

static size_t unhex(const char* hex, unsigned char* out) {
  size_t n = 0;
  for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
    const char digits[3] = {hex[0], hex[1], '\0'};
    out[n++] = (unsigned char)strtoul(digits, NULL, 16);
  }
  return n;
}

static void perform(ipczmq_endpoint* renderer, const char* verb, const char* channel,
                    const unsigned char* args, size_t size) {
  ipczmq_value* answer = NULL;
  ipczmq_call* call = NULL;
  int code = IPCZMQ_OK;
  if (strcmp(verb, "send") == 0) {
    int waiting = channel == NULL || strcmp(channel, "echo-event") == 0;
    const int replies = waiting;
    if (replies)
      must(ipczmq_on(renderer, "echo-event-reply", IPCZMQ_LISTEN_ONCE, print_reply, &waiting, NULL,
                     NULL));
    code = ipczmq_send(renderer, channel == NULL ? "echo-event" : channel, args, size, NULL, 0);
    while (code == IPCZMQ_OK && waiting) must(ipczmq_poll(renderer, 1000, NULL));
    if (code == IPCZMQ_OK && !replies) printf("{\"ok\":true,\"hex\":\"c0\"}\n");
    fflush(stdout);
  } else if (strcmp(verb, "sendSync") == 0) {
    code = ipczmq_send_sync(renderer, 30000, channel == NULL ? "echo-sync" : channel, args, size,
                            NULL, 0, &answer);
  } else {
    code = ipczmq_invoke(renderer, 30000, channel == NULL ? "echo-invoke" : channel, args, size,
                         NULL, 0, &call);
    if (code == IPCZMQ_OK) code = ipczmq_call_get(call, -1, &answer);
  }
  if (code != IPCZMQ_OK) print_error();
  if (answer != NULL) print_hex(answer);
  ipczmq_call_free(call);
  ipczmq_value_free(answer);
}

static void be_renderer(const char* endpoint) {
  ipczmq_options* o = options(endpoint);
  ipczmq_endpoint* renderer = NULL;
  must(ipczmq_renderer_new(o, &renderer));
  ipczmq_options_free(o);
  char* line = NULL;
  size_t room = 0;
  ssize_t length;
  while ((length = getline(&line, &room, stdin)) > 0) {
    /* Cutting one member out ends the line there: copies for the others. */
    char *for_verb = strdup(line), *for_channel = strdup(line);
    unsigned char* args = malloc((size_t)length);
    char* hex = member(line, "\"hex\"");
    if (for_verb == NULL || for_channel == NULL || args == NULL || hex == NULL) exit(1);
    const size_t size = unhex(hex, args);
    perform(renderer, member(for_verb, "\"verb\""), member(for_channel, "\"channel\""), args, size);
    free(for_verb);
    free(for_channel);
    free(args);
  }
  free(line);
  ipczmq_endpoint_free(renderer);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  strcmp(argv[1], "main") == 0 ? be_main(argv[2]) : be_renderer(argv[2]);
  return 0;
}
