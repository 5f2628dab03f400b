/* SPDX-License-Identifier: MIT */
/* Main in C: answers an event, a synchronous call and an invoke. Values are packed by msgpack-c. */
#include <ipczmq.h>
#include <msgpack.h>

#include <stdio.h>
#include <stdlib.h>

static void must(int code) {
  if (code == IPCZMQ_OK) return;
  fprintf(stderr, "%s: %s\n", ipczmq_code_name(code), ipczmq_error_message());
  exit(1);
}

/* The arguments of an event as msgpack-c's objects, which live in `unpacked`. */
static msgpack_object_array arguments(const ipczmq_event* event, msgpack_unpacked* unpacked) {
  size_t size = 0;
  const char* data = ipczmq_value_data(ipczmq_event_args(event), &size);
  msgpack_unpacked_init(unpacked);
  msgpack_unpack_next(unpacked, data, size, NULL);
  return unpacked->data.via.array;
}

static void print_first(const ipczmq_event* event) {
  msgpack_unpacked unpacked;
  const msgpack_object_array args = arguments(event, &unpacked);
  if (args.size > 0 && args.ptr[0].type == MSGPACK_OBJECT_STR)
    printf("%.*s\n", (int)args.ptr[0].via.str.size, args.ptr[0].via.str.ptr);
  fflush(stdout);
  msgpack_unpacked_destroy(&unpacked);
}

static void on_asynchronous_message(ipczmq_event* event, void* user) {
  (void)user;
  print_first(event);
  msgpack_sbuffer out;
  msgpack_sbuffer_init(&out);
  msgpack_packer pack;
  msgpack_packer_init(&pack, &out, msgpack_sbuffer_write);
  msgpack_pack_array(&pack, 1); /* what is sent is an array of arguments */
  msgpack_pack_str_with_body(&pack, "pong", 4);
  must(ipczmq_event_reply(event, "asynchronous-reply", out.data, out.size, NULL, 0));
  msgpack_sbuffer_destroy(&out);
}

static void on_synchronous_message(ipczmq_event* event, void* user) {
  (void)user;
  print_first(event);
  const unsigned char pong[] = "\xa4pong"; /* small enough to be packed by hand */
  must(ipczmq_event_return(event, pong, 5, NULL, 0));
}

/* The handler of invoke("sum", a, b). What does not fit is told to the caller. */
static void sum(ipczmq_event* event, void* user) {
  int* calls = user;
  ++*calls;
  msgpack_unpacked unpacked;
  const msgpack_object_array args = arguments(event, &unpacked);
  int64_t total = 0;
  for (uint32_t i = 0; i < args.size; ++i) {
    const msgpack_object* o = &args.ptr[i];
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER && o->type != MSGPACK_OBJECT_NEGATIVE_INTEGER) {
      must(ipczmq_event_fail(event, "TypeError", "sum() takes integers", NULL, 0));
      msgpack_unpacked_destroy(&unpacked);
      return;
    }
    total += o->via.i64;
  }
  msgpack_unpacked_destroy(&unpacked);
  msgpack_sbuffer out;
  msgpack_sbuffer_init(&out);
  msgpack_packer pack;
  msgpack_packer_init(&pack, &out, msgpack_sbuffer_write);
  msgpack_pack_int64(&pack, total);
  must(ipczmq_event_return(event, out.data, out.size, NULL, 0));
  msgpack_sbuffer_destroy(&out);
}

/* When the last renderer has gone, so does main. */
static void on_news(const ipczmq_news* news, void* user) {
  if (news->kind == IPCZMQ_GONE) {
    printf("%s\n", news->reason);
    fflush(stdout);
    must(ipczmq_stop(user));
  }
}

int main(void) {
  int calls = 0;
  ipczmq_endpoint* main = NULL;
  must(ipczmq_main_new(NULL, &main)); /* at IPCZMQ_ENDPOINT, or a socket of the user's own */
  must(ipczmq_on(main, "asynchronous-message", 0, on_asynchronous_message, NULL, NULL, NULL));
  must(ipczmq_on(main, "synchronous-message", 0, on_synchronous_message, NULL, NULL, NULL));
  must(ipczmq_handle(main, "sum", 0, sum, &calls, NULL));
  must(ipczmq_on_news(main, on_news, main, NULL));
  must(ipczmq_run(main));
  printf("sum was called %d times\n", calls);
  ipczmq_endpoint_free(main);
  return 0;
}
