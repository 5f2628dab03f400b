/* SPDX-License-Identifier: MIT */
/* A renderer in C, in a loop of its own: the endpoint's descriptor, and poll(2). */
#include <ipczmq.h>
#include <msgpack.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static void must(int code) {
  if (code == IPCZMQ_OK) return;
  fprintf(stderr, "%s: %s\n", ipczmq_code_name(code), ipczmq_error_message());
  exit(1);
}

static void print_value(const ipczmq_value* value) {
  size_t size = 0;
  const char* data = ipczmq_value_data(value, &size);
  msgpack_unpacked unpacked;
  msgpack_unpacked_init(&unpacked);
  if (msgpack_unpack_next(&unpacked, data, size, NULL) == MSGPACK_UNPACK_SUCCESS) {
    msgpack_object_print(stdout, unpacked.data);
    printf("\n");
  }
  msgpack_unpacked_destroy(&unpacked);
}

static void on_reply(ipczmq_event* event, void* user) {
  int* replies = user;
  ++*replies;
  print_value(ipczmq_event_args(event));
}

/* invoke("sum", first, "second" or 2) and what comes of it. */
static void ask_for_sum(ipczmq_endpoint* renderer, int64_t first, const char* second) {
  msgpack_sbuffer out;
  msgpack_sbuffer_init(&out);
  msgpack_packer pack;
  msgpack_packer_init(&pack, &out, msgpack_sbuffer_write);
  msgpack_pack_array(&pack, 2);
  msgpack_pack_int64(&pack, first);
  if (second != NULL) {
    msgpack_pack_str_with_body(&pack, second, 6);
  } else {
    msgpack_pack_int64(&pack, 2);
  }
  ipczmq_call* call = NULL;
  must(ipczmq_invoke(renderer, 5000, "sum", out.data, out.size, NULL, 0, &call));
  msgpack_sbuffer_destroy(&out);

  ipczmq_value* answer = NULL;
  if (ipczmq_call_get(call, -1, &answer) == IPCZMQ_OK) {
    print_value(answer);
  } else {
    printf("%s\n", ipczmq_error_message());
    printf("%s, %s\n", ipczmq_error_remote_name(), ipczmq_error_remote_message());
  }
  ipczmq_value_free(answer);
  ipczmq_call_free(call);
}

int main(void) {
  static const unsigned char ping[] = "\x91\xa4ping"; /* ["ping"] */
  int replies = 0, fd = -1;
  ipczmq_endpoint* renderer = NULL;
  must(ipczmq_renderer_new(NULL, &renderer));
  must(ipczmq_on(renderer, "asynchronous-reply", 0, on_reply, &replies, NULL, NULL));

  must(ipczmq_send(renderer, "asynchronous-message", ping, 6, NULL, 0));
  ipczmq_value* answer = NULL;
  must(ipczmq_send_sync(renderer, IPCZMQ_DEFAULT_DEADLINE, "synchronous-message", ping, 6, NULL, 0,
                        &answer));
  print_value(answer);
  ipczmq_value_free(answer);
  ask_for_sum(renderer, 40, NULL);
  ask_for_sum(renderer, 40, "second");

  must(ipczmq_fd(renderer, &fd));
  while (replies == 0) {
    struct pollfd watched = {fd, POLLIN, 0};
    if (poll(&watched, 1, -1) < 0) return 1;
    must(ipczmq_poll(renderer, 0, NULL));
  }
  ipczmq_endpoint_free(renderer);
  return 0;
}
