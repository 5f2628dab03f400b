/* SPDX-License-Identifier: MIT */
/* Main ends the session of a renderer whose messages it has not dispatched: they come back, and are
 * sent again. */
#include "check.h"

#include <ipczmq.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ipczmq_lost* kept;

static void keep_lost(const ipczmq_news* news, void* user) {
  (void)user;
  if (news->kind != IPCZMQ_ENDED) {
    CHECK(news->lost == NULL);
    return;
  }
  CHECK(news->lost != NULL && news->unacknowledged == 2);
  kept = ipczmq_lost_keep(news->lost);
}

static void what_was_lost_can_be_sent_again(ipczmq_endpoint* renderer) {
  size_t total = 0;
  for (int fate = IPCZMQ_UNSENT; fate <= IPCZMQ_UNKNOWN; ++fate)
    total += ipczmq_lost_count(kept, fate);
  CHECK(total == 2);
  for (size_t i = 0; i < 2; ++i) {
    int fate = -1;
    const char* channel = NULL;
    const ipczmq_value* args = NULL;
    size_t size = 0;
    MUST(ipczmq_lost_message(kept, i, &fate, &channel, &args));
    CHECK(fate >= IPCZMQ_UNSENT && fate <= IPCZMQ_UNKNOWN && ipczmq_lost_count(kept, fate) > 0);
    CHECK(strcmp(channel, "x") == 0);
    const char* bytes = ipczmq_value_data(args, &size);
    CHECK(size == 2 && bytes[0] == (char)0x91 && bytes[1] == (char)i);
    CHECK(ipczmq_send(renderer, channel, bytes, size, NULL, 0) == IPCZMQ_CLOSED);
  }
  CHECK(ipczmq_lost_message(kept, 2, NULL, NULL, NULL) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_lost_message(NULL, 0, NULL, NULL, NULL) == IPCZMQ_BAD_ARGUMENTS);
  CHECK(ipczmq_lost_count(NULL, 0) == 0 && ipczmq_lost_count(kept, 9) == 0);
  CHECK(ipczmq_lost_keep(NULL) == NULL);
  ipczmq_lost_free(NULL);
  CHECK(IPCZMQ_UNSENT == 0 && IPCZMQ_RECEIVED == 1 && IPCZMQ_UNKNOWN == 2);
}

int main(void) {
  char folder[] = "/tmp/ipczmq-XXXXXX", name[64];
  if (mkdtemp(folder) == NULL) return 2;
  snprintf(name, sizeof name, "ipc://%s/endpoint", folder);
  ipczmq_options* o = ipczmq_options_new();
  MUST(ipczmq_options_set(o, "endpoint", name));
  MUST(ipczmq_options_set(o, "connect_within", "20000"));
  ipczmq_endpoint *main = NULL, *renderer = NULL;
  MUST(ipczmq_main_new(o, &main));
  MUST(ipczmq_options_set(o, "identity", "r"));
  MUST(ipczmq_renderer_new(o, &renderer));
  ipczmq_options_free(o);
  MUST(ipczmq_on_news(renderer, keep_lost, NULL, NULL));
  ipczmq_contents* w = NULL;
  for (int i = 0; i < 500 && ipczmq_contents_by_identity(main, "r", &w) != IPCZMQ_OK; ++i)
    MUST(ipczmq_poll(main, 10, NULL));
  MUST(ipczmq_send(renderer, "x", "\x91\x00", 2, NULL, 0));
  MUST(ipczmq_send(renderer, "x", "\x91\x01", 2, NULL, 0));
  MUST(ipczmq_contents_close(w));
  for (int i = 0; i < 2000 && kept == NULL; ++i) {
    MUST(ipczmq_poll(renderer, 10, NULL));
  }
  if (kept != NULL) what_was_lost_can_be_sent_again(renderer);
  CHECK(kept != NULL);
  ipczmq_lost_free(kept);
  ipczmq_contents_free(w);
  ipczmq_endpoint_free(renderer);
  ipczmq_endpoint_free(main);
  rmdir(folder);
  printf("%d checks, %d failed\n", (int)checks, (int)failed);
  return failed != 0;
}
