/* SPDX-License-Identifier: MIT */
/* The C interface against itself, main and renderer in one process; and all that it refuses. */
#include "check.h"

#include <ipczmq.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const unsigned char one_text[] = "\x91\xa2hi"; /* ["hi"] */
static const unsigned char text[] = "\xa2hi";

static int says(const char* part) { return strstr(ipczmq_error_message(), part) != NULL; }
static int is_value(const ipczmq_value* v, const void* bytes, size_t n) {
  size_t size = 0;
  const void* data = ipczmq_value_data(v, &size);
  return data != NULL && size == n && memcmp(data, bytes, n) == 0;
}

static int released;
static void count_release(void* user) { ++*(_Atomic int*)user; }

/* --- what main does ------------------------------------------------------------------------- */

static ipczmq_event* _Atomic kept;
static char news_seen[256];
static pthread_mutex_t news_mutex = PTHREAD_MUTEX_INITIALIZER;

static void echo(ipczmq_event* event, void* user) {
  (void)user;
  size_t size = 0;
  const unsigned char* args = ipczmq_value_raw(ipczmq_event_args(event), &size);
  ipczmq_buffer* buffer = ipczmq_value_buffer(ipczmq_event_args(event), 0);
  /* an array of one: its element is what follows the head */
  MUST(ipczmq_event_return(event, args + 1, size - 1, &buffer, buffer == NULL ? 0 : 1));
  ipczmq_buffer_free(buffer);
}
static void fail(ipczmq_event* event, void* user) {
  (void)user;
  CHECK(ipczmq_event_fail(event, "E", "m", "\xc1", 1) == IPCZMQ_BAD_ARGUMENTS);
  MUST(ipczmq_event_fail(event, "RangeError", "too big", "\x07", 1));
}
static void keep(ipczmq_event* event, void* user) {
  (void)user;
  kept = ipczmq_event_keep(event);
}
static void bounce(ipczmq_event* event, void* user) {
  (void)user;
  size_t size = 0;
  const void* args = ipczmq_value_data(ipczmq_event_args(event), &size);
  MUST(ipczmq_event_reply(event, "bounced", args, size, NULL, 0));
}
static void nothing(ipczmq_event* event, void* user) {
  (void)event;
  (void)user;
}
static void count(ipczmq_event* event, void* user) {
  (void)event;
  ++*(_Atomic int*)user;
}
static void record_news(const ipczmq_news* news, void* user) {
  (void)user;
  pthread_mutex_lock(&news_mutex);
  const size_t used = strlen(news_seen);
  snprintf(news_seen + used, sizeof news_seen - used, "%d%s ", news->kind, news->reason);
  pthread_mutex_unlock(&news_mutex);
}
static int has_news(const char* text) {
  pthread_mutex_lock(&news_mutex);
  const int found = strstr(news_seen, text) != NULL;
  pthread_mutex_unlock(&news_mutex);
  return found;
}
static char error_seen[256];
static void record_error(const char* channel, const char* peer, const char* what, void* user) {
  (void)peer;
  (void)user;
  snprintf(error_seen, sizeof error_seen, "%s: %s", channel, what);
}

/* --- cases ---------------------------------------------------------------------------------- */

static char endpoint_name[128];

static ipczmq_options* options(void) {
  ipczmq_options* o = ipczmq_options_new();
  MUST(ipczmq_options_set(o, "endpoint", endpoint_name));
  MUST(ipczmq_options_set(o, "linger", "500"));
  return o;
}

static void options_are_checked(void) {
  ipczmq_options* o = ipczmq_options_new();
  CHECK(ipczmq_options_set(o, "lingre", "1") == IPCZMQ_BAD_ARGUMENTS && says("linger"));
  CHECK(ipczmq_options_set(o, "linger", "soon") == IPCZMQ_BAD_ARGUMENTS && says("\"soon\""));
  CHECK(ipczmq_options_set(o, "linger", "-1") == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_options_set(o, "insecure", "yes") == IPCZMQ_BAD_ARGUMENTS && says("true"));
  CHECK(ipczmq_options_set(o, "duplicates", "x") == IPCZMQ_BAD_ARGUMENTS && says("replace"));
  CHECK(ipczmq_options_set(o, "overflow", "x") == IPCZMQ_BAD_ARGUMENTS && says("drop_oldest"));
  CHECK(ipczmq_options_set(o, "after_restart", "x") == IPCZMQ_BAD_ARGUMENTS && says("repeat"));
  MUST(ipczmq_options_set(o, "overflow", "fail"));
  CHECK(ipczmq_options_set(o, NULL, "x") == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_options_set(NULL, "linger", "1") == IPCZMQ_BAD_ARGUMENTS);
  MUST(ipczmq_options_set(o, "endpoint", "carrier-pigeon://x"));
  ipczmq_endpoint* e = NULL;
  CHECK(ipczmq_main_new(o, &e) == IPCZMQ_BAD_ENDPOINT && e == NULL && says("carrier-pigeon"));
  CHECK(ipczmq_main_new(o, NULL) == IPCZMQ_BAD_ARGUMENTS);
  ipczmq_options_free(o);
  ipczmq_options_free(NULL);
}

static void null_is_no_crash(ipczmq_endpoint* main, ipczmq_endpoint* renderer) {
  ipczmq_value* v = NULL;
  ipczmq_call* c = NULL;
  CHECK(ipczmq_run(NULL) == IPCZMQ_BAD_ARGUMENTS && says("NULL endpoint"));
  CHECK(ipczmq_send(renderer, NULL, one_text, 4, NULL, 0) == IPCZMQ_BAD_CHANNEL);
  CHECK(ipczmq_send(renderer, "", one_text, 4, NULL, 0) == IPCZMQ_BAD_CHANNEL);
  CHECK(ipczmq_send(renderer, "\xff", one_text, 4, NULL, 0) == IPCZMQ_BAD_CHANNEL);
  CHECK(ipczmq_send(renderer, "x", NULL, 4, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_send(renderer, "x", one_text, 4, NULL, 1) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_send(main, "x", one_text, 4, NULL, 0) == IPCZMQ_BAD_ARGUMENTS && says("renderer"));
  CHECK(ipczmq_broadcast(renderer, "x", one_text, 4, NULL, 0, NULL) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_send_sync(renderer, 0, "x", one_text, 4, NULL, 0, NULL) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_invoke(NULL, 0, "x", one_text, 4, NULL, 0, &c) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_call_get(NULL, 0, &v) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_on(main, "x", 0, NULL, NULL, NULL, NULL) == IPCZMQ_BAD_ARGUMENTS &&
        says("callback"));
  CHECK(ipczmq_on(main, "x", 64, nothing, NULL, NULL, NULL) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_handle(main, NULL, 0, nothing, NULL, NULL) == IPCZMQ_BAD_CHANNEL);
  CHECK(ipczmq_event_return(NULL, text, 3, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_contents_send(NULL, "x", NULL, 0, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_event_keep(NULL) == NULL && ipczmq_contents_keep(NULL) == NULL);
  CHECK(ipczmq_value_data(NULL, NULL) == NULL && ipczmq_value_buffer(NULL, 0) == NULL);
  CHECK(strcmp(ipczmq_event_channel(NULL), "") == 0 && ipczmq_bound(main, 1) == NULL);
  ipczmq_event_free(NULL);
  ipczmq_value_free(NULL);
  ipczmq_call_free(NULL);
  ipczmq_buffer_free(NULL);
  ipczmq_contents_free(NULL);
  ipczmq_endpoint_free(NULL);
}

static void bytes_are_checked(ipczmq_endpoint* renderer) {
  CHECK(ipczmq_send(renderer, "x", "\x91", 1, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_send(renderer, "x", "\x01", 1, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_send(renderer, "x", "\x90\x90", 2, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_send(renderer, "x", "\x91\xd6\x1f\0\0\0\0", 7, NULL, 0) == IPCZMQ_BAD_ARGUMENTS);
}

static void calls_are_answered(ipczmq_endpoint* main, ipczmq_endpoint* renderer) {
  ipczmq_value* v = NULL;
  ipczmq_call* c = NULL;
  MUST(ipczmq_send_sync(renderer, 5000, "echo", one_text, 4, NULL, 0, &v));
  CHECK(is_value(v, text, 3));
  ipczmq_value_free(v);

  MUST(ipczmq_invoke(renderer, 5000, "echo", one_text, 4, NULL, 0, &c));
  MUST(ipczmq_call_get(c, -1, &v));
  CHECK(is_value(v, text, 3) && ipczmq_call_ready(c));
  ipczmq_value_free(v);
  ipczmq_call_free(c);

  for (int sync = 0; sync < 2; ++sync) {
    if (sync) {
      CHECK(ipczmq_send_sync(renderer, 5000, "fail", NULL, 0, NULL, 0, &v) == IPCZMQ_REMOTE_FAILED);
    } else {
      MUST(ipczmq_invoke(renderer, 5000, "fail", NULL, 0, NULL, 0, &c));
      CHECK(ipczmq_call_get(c, -1, &v) == IPCZMQ_REMOTE_FAILED);
      ipczmq_call_free(c);
    }
    size_t size = 0;
    const unsigned char* data = ipczmq_error_data(&size);
    CHECK(v == NULL && says("RangeError: too big") && size == 1 && data[0] == 7);
    CHECK(strcmp(ipczmq_error_remote_name(), "RangeError") == 0);
    CHECK(strcmp(ipczmq_error_remote_message(), "too big") == 0);
  }
  CHECK(ipczmq_send_sync(renderer, 5000, "nobody", NULL, 0, NULL, 0, &v) == IPCZMQ_NO_LISTENER);
  CHECK(strcmp(ipczmq_code_name(ipczmq_error_code()), "no_listener") == 0);
  CHECK(ipczmq_handle(main, "echo", 0, nothing, &released, count_release) ==
        IPCZMQ_DUPLICATE_HANDLER);
  CHECK(released == 1);
  CHECK(ipczmq_error_remote_name() == NULL && ipczmq_error_data(NULL) == NULL);
}

static void kept_events_answer_later(ipczmq_endpoint* renderer) {
  ipczmq_value* v = NULL;
  ipczmq_call* c = NULL;
  MUST(ipczmq_invoke(renderer, 20000, "keep", one_text, 4, NULL, 0, &c));
  CHECK(ipczmq_call_get(c, 100, &v) == IPCZMQ_TIMED_OUT && !ipczmq_call_ready(c));
  /* This thread waited until the handler had run: the descriptor of main is driven by its own. */
  for (int i = 0; i < 500 && kept == NULL; ++i) usleep(10000);
  CHECK(kept != NULL && ipczmq_event_is_call(kept) && !ipczmq_event_cancelled(kept));
  CHECK(is_value(ipczmq_event_args(kept), one_text, 4));
  MUST(ipczmq_event_return(kept, text, 3, NULL, 0));
  MUST(ipczmq_call_get(c, -1, &v));
  CHECK(is_value(v, text, 3));
  ipczmq_value_free(v);
  ipczmq_event_free(kept);
  ipczmq_call_free(c);
  kept = NULL;

  CHECK(ipczmq_send_sync(renderer, 200, "keep", NULL, 0, NULL, 0, &v) == IPCZMQ_TIMED_OUT);
  for (int i = 0; i < 500 && !ipczmq_event_cancelled(kept); ++i) usleep(10000);
  CHECK(ipczmq_event_cancelled(kept));
  ipczmq_event_free(kept);
}

static void buffers_cross_whole(ipczmq_endpoint* renderer) {
  enum { size = 100000 };
  unsigned char* bytes = malloc(size);
  for (int i = 0; i < size; ++i) bytes[i] = (unsigned char)(i * 7);
  _Atomic int gone = 0;
  ipczmq_buffer* b = ipczmq_buffer_new(bytes, size, &gone, count_release);
  ipczmq_value* v = NULL;
  MUST(ipczmq_send_sync(renderer, 5000, "echo", "\x91\xd6\x1f\0\0\0\0", 7, &b, 1, &v));
  size_t n = 0;
  CHECK(ipczmq_value_buffer_count(v) == 1);
  ipczmq_buffer* back = ipczmq_value_buffer(v, 0);
  CHECK(memcmp(ipczmq_buffer_data(back, &n), bytes, size) == 0 && n == size);
  const unsigned char* whole = ipczmq_value_data(v, &n);
  CHECK(n == size + 5 && whole[0] == 0xc6 && memcmp(whole + 5, bytes, size) == 0);
  ipczmq_value_free(v);
  CHECK(memcmp(ipczmq_buffer_data(back, &n), bytes, size) == 0); /* outlives the value */
  ipczmq_buffer_free(back);
  CHECK(gone == 0);
  ipczmq_buffer_free(b);
  MUST(ipczmq_drain(renderer, 5000, &n));
  for (int i = 0; i < 500 && gone == 0; ++i) usleep(10000);
  CHECK(n == 0 && gone == 1);
  free(bytes);
}

static void listeners_come_and_go(ipczmq_endpoint* renderer) {
  _Atomic int bounced = 0, once = 0, any = 0;
  int gone = 0, fd = -1;
  uint64_t id = 0;
  MUST(ipczmq_on(renderer, "bounced", 0, count, &bounced, count_release, &id));
  MUST(ipczmq_on(renderer, "bounced", IPCZMQ_LISTEN_ONCE | IPCZMQ_LISTEN_PREPEND, count, &once,
                 NULL, NULL));
  MUST(ipczmq_on(renderer, NULL, 0, count, &any, NULL, NULL));
  CHECK(ipczmq_listener_count(renderer, "bounced") == 2);
  MUST(ipczmq_send(renderer, "bounce", one_text, 4, NULL, 0));
  MUST(ipczmq_send(renderer, "bounce", NULL, 0, NULL, 0));
  MUST(ipczmq_fd(renderer, &fd));
  for (int i = 0; i < 500 && bounced < 2; ++i) {
    struct pollfd watched = {fd, POLLIN, 0};
    poll(&watched, 1, 1000);
    MUST(ipczmq_poll(renderer, 0, NULL));
  }
  CHECK(bounced == 2 && once == 1 && any == 2);
  MUST(ipczmq_off(renderer, id));
  MUST(ipczmq_off(renderer, id));
  CHECK(bounced == 3); /* released, which counts one more */
  MUST(ipczmq_on(renderer, "y", 0, count, &any, count_release, NULL));
  gone = any;
  MUST(ipczmq_remove_all_listeners(renderer, NULL));
  CHECK(any == gone + 1);
}

static void one_way_failures_reach_the_hook(ipczmq_endpoint* main, ipczmq_endpoint* renderer) {
  MUST(ipczmq_on_error(main, record_error, NULL, NULL));
  MUST(ipczmq_send(renderer, "fail", NULL, 0, NULL, 0));
  ipczmq_value* v = NULL;
  MUST(ipczmq_send_sync(renderer, 5000, "echo", one_text, 4, NULL, 0, &v)); /* after it */
  ipczmq_value_free(v);
  CHECK(strcmp(error_seen, "fail: RangeError: too big") == 0);
}

static void then_seen(ipczmq_call* call, void* user) {
  ipczmq_value* v = NULL;
  MUST(ipczmq_call_get(call, -1, &v));
  CHECK(is_value(v, text, 3));
  ipczmq_value_free(v);
  ++*(_Atomic int*)user;
}

static void main_calls_its_renderer(ipczmq_endpoint* main, ipczmq_endpoint* renderer) {
  uint64_t id = 0;
  CHECK(ipczmq_contents_ids(main, &id, 1) == 1 && id != 0);
  ipczmq_contents* w = NULL;
  CHECK(ipczmq_contents_by_id(main, id + 1, &w) == IPCZMQ_PEER_GONE && w == NULL);
  MUST(ipczmq_contents_by_identity(main, ipczmq_identity(renderer), &w));
  CHECK(ipczmq_contents_id(w) == id && ipczmq_contents_pid(w) == (uint64_t)getpid());
  MUST(ipczmq_handle(renderer, "echo", 0, echo, NULL, NULL));
  ipczmq_call* c = NULL;
  int seen = 0;
  MUST(ipczmq_contents_invoke(w, 5000, "echo", one_text, 4, NULL, 0, &c));
  MUST(ipczmq_call_then(c, then_seen, &seen, NULL));
  for (int i = 0; i < 500 && !(ipczmq_call_ready(c) && seen); ++i)
    MUST(ipczmq_poll(renderer, 10, NULL));
  CHECK(seen == 1);
  ipczmq_call_free(c);
  size_t reached = 9;
  MUST(ipczmq_publish(main, "unheard", NULL, 0, NULL, 0, &reached));
  CHECK(reached == 0);
  MUST(ipczmq_broadcast(main, "unheard", NULL, 0, NULL, 0, &reached));
  CHECK(reached == 1);
  uint64_t sent = 0;
  MUST(ipczmq_statistic(main, "messages_sent", &sent));
  CHECK(sent > 0 && ipczmq_statistic(main, "nonsense", &sent) == IPCZMQ_BAD_ARGUMENTS);
  ipczmq_contents_free(w);
}

static void closed_is_an_error(ipczmq_endpoint* main, ipczmq_endpoint* renderer) {
  ipczmq_value* v = NULL;
  MUST(ipczmq_close(renderer));
  MUST(ipczmq_close(renderer));
  CHECK(ipczmq_send(renderer, "x", NULL, 0, NULL, 0) == IPCZMQ_CLOSED);
  CHECK(ipczmq_send_sync(renderer, -1, "x", NULL, 0, NULL, 0, &v) == IPCZMQ_CLOSED);
  CHECK(ipczmq_poll(renderer, 0, NULL) == IPCZMQ_CLOSED);
  for (int i = 0; i < 500 && !has_news("3 "); ++i) usleep(10000);
  CHECK(strcmp(news_seen, "1 2clean-exit 3 ") == 0);
  ipczmq_endpoint_free(renderer);
  ipczmq_endpoint_free(main);
}

static void count_dropped(const ipczmq_news* news, void* user) {
  if (news->kind != IPCZMQ_DROPPED) return;
  CHECK(strcmp(ipczmq_contents_identity(news->contents), "full") == 0);
  *(size_t*)user += news->unacknowledged;
}

static void what_the_overflow_policy_drops_is_told(void) {
  ipczmq_options* o = options();
  MUST(ipczmq_options_set(o, "identity", "full"));
  MUST(ipczmq_options_set(o, "overflow", "drop_newest"));
  MUST(ipczmq_options_set(o, "queue_messages", "20"));
  MUST(ipczmq_options_set(o, "linger", "0"));
  MUST(ipczmq_options_set(o, "connect_within", "20000"));
  ipczmq_endpoint *main = NULL, *renderer = NULL;
  MUST(ipczmq_main_new(o, &main));
  MUST(ipczmq_renderer_new(o, &renderer));
  ipczmq_options_free(o);
  size_t dropped = 0, reached = 0, accepted = 0;
  uint64_t counted = 0;
  MUST(ipczmq_on_news(main, count_dropped, &dropped, NULL));
  for (int i = 0; i < 100; ++i) {
    MUST(ipczmq_broadcast(main, "x", NULL, 0, NULL, 0, &reached));
    accepted += reached;
  }
  MUST(ipczmq_statistic(main, "messages_dropped", &counted));
  CHECK(counted >= 70 && accepted > 0 && accepted + counted == 100);
  for (int i = 0; i < 500 && dropped < counted; ++i) ipczmq_poll(main, 10, NULL);
  CHECK(dropped == counted);
  ipczmq_endpoint_free(renderer);
  ipczmq_endpoint_free(main);
}

/* abidiff does not see the values of constants that only travel as int. */
static void constants_keep_their_values(void) {
  static const int codes[] = {IPCZMQ_OK,
                              IPCZMQ_NO_LISTENER,
                              IPCZMQ_NO_REPLY,
                              IPCZMQ_NO_HANDLER,
                              IPCZMQ_DUPLICATE_HANDLER,
                              IPCZMQ_BAD_ARGUMENTS,
                              IPCZMQ_TIMED_OUT,
                              IPCZMQ_CANCELLED,
                              IPCZMQ_DISCONNECTED,
                              IPCZMQ_MAIN_RESTARTED,
                              IPCZMQ_PEER_GONE,
                              IPCZMQ_CLOSED,
                              IPCZMQ_OVERFLOW,
                              IPCZMQ_TOO_LARGE,
                              IPCZMQ_BAD_CHANNEL,
                              IPCZMQ_REFUSED,
                              IPCZMQ_DUPLICATE_IDENTITY,
                              IPCZMQ_INCOMPATIBLE,
                              IPCZMQ_ENDPOINT_IN_USE,
                              IPCZMQ_BAD_ENDPOINT,
                              IPCZMQ_FORBIDDEN,
                              IPCZMQ_FORKED,
                              IPCZMQ_REENTERED,
                              IPCZMQ_BAD_FRAME,
                              IPCZMQ_REMOTE_FAILED,
                              IPCZMQ_SYSTEM};
  static const int news[] = {
      IPCZMQ_CREATED,    IPCZMQ_GONE,  IPCZMQ_DESTROYED, IPCZMQ_UNRESPONSIVE,
      IPCZMQ_RESPONSIVE, IPCZMQ_DRAIN, IPCZMQ_CONNECTED, IPCZMQ_LOST_CONNECTION,
      IPCZMQ_RECOVERED,  IPCZMQ_ENDED, IPCZMQ_DROPPED};
  CHECK(sizeof codes == 26 * sizeof codes[0] && sizeof news == 11 * sizeof news[0]);
  for (int i = 0; i < 26; ++i) CHECK(codes[i] == i);
  for (int i = 0; i < 11; ++i) CHECK(news[i] == i + 1);
  CHECK(IPCZMQ_LISTEN_ONCE == 1 && IPCZMQ_LISTEN_PREPEND == 2 && IPCZMQ_DEFAULT_DEADLINE == -1);
}

int main(void) {
  char folder[] = "/tmp/ipczmq-XXXXXX";
  if (mkdtemp(folder) == NULL) return 2;
  snprintf(endpoint_name, sizeof endpoint_name, "ipc://%s/endpoint", folder);
  CHECK(ipczmq_error_code() == IPCZMQ_OK && strcmp(ipczmq_error_message(), "") == 0);
  CHECK(ipczmq_c_version() == IPCZMQ_C_VERSION && strlen(ipczmq_version()) > 0);
  constants_keep_their_values();
  options_are_checked();
  ipczmq_options* o = options();
  ipczmq_endpoint *main = NULL, *renderer = NULL;
  MUST(ipczmq_main_new(o, &main));
  MUST(ipczmq_renderer_new(o, &renderer));
  ipczmq_options_free(o);
  CHECK(strcmp(ipczmq_bound(main, 0), endpoint_name) == 0);
  MUST(ipczmq_on_news(main, record_news, NULL, NULL));
  MUST(ipczmq_on(main, "echo", 0, echo, NULL, NULL, NULL));
  MUST(ipczmq_handle(main, "echo", 0, echo, NULL, NULL));
  MUST(ipczmq_on(main, "fail", 0, fail, NULL, NULL, NULL));
  MUST(ipczmq_handle(main, "fail", 0, fail, NULL, NULL));
  MUST(ipczmq_on(main, "keep", 0, keep, NULL, NULL, NULL));
  MUST(ipczmq_handle(main, "keep", 0, keep, NULL, NULL));
  MUST(ipczmq_on(main, "bounce", 0, bounce, NULL, NULL, NULL));
  MUST(ipczmq_start(main));
  null_is_no_crash(main, renderer);
  bytes_are_checked(renderer);
  calls_are_answered(main, renderer);
  kept_events_answer_later(renderer);
  buffers_cross_whole(renderer);
  listeners_come_and_go(renderer);
  one_way_failures_reach_the_hook(main, renderer);
  main_calls_its_renderer(main, renderer);
  closed_is_an_error(main, renderer);
  what_the_overflow_policy_drops_is_told();
  rmdir(folder);
  printf("%d checks, %d failed\n", (int)checks, (int)failed);
  return failed != 0;
}
