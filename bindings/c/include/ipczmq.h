/* SPDX-License-Identifier: MIT */
/*
 * ipczmq for C, and for every language that calls C: Electron's ipcMain and ipcRenderer between
 * processes. Values cross this interface as msgpack, with whatever codec the caller likes.
 *
 * Results. What can fail returns IPCZMQ_OK (0) or one of the codes below, and then
 * ipczmq_error_message() and its kind tell more, until the next call that fails on this thread.
 * A null handle or channel is IPCZMQ_BAD_ARGUMENTS or IPCZMQ_BAD_CHANNEL, never a crash.
 *
 * Ownership. What a function stores through an out parameter, and what a function named _new,
 * _copy, _keep or _buffer returns, is the caller's, to be given back once to the _free of its type
 * (which takes NULL). What a callback is called with, and what every other function returns, is
 * borrowed: until the callback returns, or as long as its owner lives.
 * `user` is handed to the callback as it is; `release`, when not NULL, is called with it once when
 * the library will not use it again: from any thread, also when the function failed.
 *
 * Threads. "Any thread" below: any thread at any time, also inside callbacks. "One at a time": any
 * thread, but no two with the same handle at once. Callbacks of one endpoint run one at a time, on
 * the thread that is in ipczmq_run() or ipczmq_poll(), or on the one of ipczmq_start(); log
 * callbacks on any. A callback must return: no longjmp, no C++ exception. After fork() the child
 * makes endpoints of its own.
 *
 * Strings are UTF-8 and end with NUL. Times are milliseconds.
 */
#ifndef IPCZMQ_H
#define IPCZMQ_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define IPCZMQ_C_API __attribute__((visibility("default")))
#else
#define IPCZMQ_C_API
#endif

/* Grows when functions are added, or a struct at its end; nothing is ever changed or removed within
 * one soname. 2: what was lost. */
#define IPCZMQ_C_VERSION 2

#ifdef __cplusplus
extern "C" {
#endif

enum ipczmq_code {
  IPCZMQ_OK = 0,
  IPCZMQ_NO_LISTENER = 1,
  IPCZMQ_NO_REPLY = 2,
  IPCZMQ_NO_HANDLER = 3,
  IPCZMQ_DUPLICATE_HANDLER = 4,
  IPCZMQ_BAD_ARGUMENTS = 5,
  IPCZMQ_TIMED_OUT = 6,
  IPCZMQ_CANCELLED = 7,
  IPCZMQ_DISCONNECTED = 8,
  IPCZMQ_MAIN_RESTARTED = 9,
  IPCZMQ_PEER_GONE = 10,
  IPCZMQ_CLOSED = 11,
  IPCZMQ_OVERFLOW = 12,
  IPCZMQ_TOO_LARGE = 13,
  IPCZMQ_BAD_CHANNEL = 14,
  IPCZMQ_REFUSED = 15,
  IPCZMQ_DUPLICATE_IDENTITY = 16,
  IPCZMQ_INCOMPATIBLE = 17,
  IPCZMQ_ENDPOINT_IN_USE = 18,
  IPCZMQ_BAD_ENDPOINT = 19,
  IPCZMQ_FORBIDDEN = 20,
  IPCZMQ_FORKED = 21,
  IPCZMQ_REENTERED = 22,
  IPCZMQ_BAD_FRAME = 23,
  IPCZMQ_REMOTE_FAILED = 24,
  IPCZMQ_SYSTEM = 25
};

typedef struct ipczmq_options ipczmq_options;   /* how an endpoint is to be */
typedef struct ipczmq_endpoint ipczmq_endpoint; /* one main, or one renderer */
typedef struct ipczmq_event ipczmq_event;       /* what a listener or handler is called with */
typedef struct ipczmq_contents ipczmq_contents; /* the handle of a peer: Electron's webContents */
typedef struct ipczmq_call ipczmq_call;         /* the answer to come of an invoke */
typedef struct ipczmq_value ipczmq_value;       /* one msgpack value */
typedef struct ipczmq_buffer ipczmq_buffer;     /* a large binary that crosses without copies */
typedef struct ipczmq_lost ipczmq_lost;         /* messages that a session left behind */

typedef void (*ipczmq_release_fn)(void* user);
typedef void (*ipczmq_event_fn)(ipczmq_event* event, void* user);

/* ---- errors; each of this thread --------------------------------------------------------- */

/* Of the last function that failed on this thread; IPCZMQ_OK and "" when none has. */
IPCZMQ_C_API int ipczmq_error_code(void);
/* Channel, peer, cause and next step, for people. */
IPCZMQ_C_API const char* ipczmq_error_message(void);
/* What was thrown on the other side, such as "RangeError" and "too big"; NULL when it was not. */
IPCZMQ_C_API const char* ipczmq_error_remote_name(void);
IPCZMQ_C_API const char* ipczmq_error_remote_message(void);
/* The msgpack value that the thrower attached; NULL without. */
IPCZMQ_C_API const void* ipczmq_error_data(size_t* size);
/* "no_listener" of IPCZMQ_NO_LISTENER; any thread. */
IPCZMQ_C_API const char* ipczmq_code_name(int code);
/* The version of the library, such as "0.1.0", and IPCZMQ_C_VERSION as it was built; any thread. */
IPCZMQ_C_API const char* ipczmq_version(void);
IPCZMQ_C_API int ipczmq_c_version(void);

/* ---- options; one at a time -------------------------------------------------------------- */

IPCZMQ_C_API ipczmq_options* ipczmq_options_new(void);
/*
 * Sets one option, by its name in options.hpp; a time or size is a decimal number of milliseconds
 * or bytes, a flag "true" or "false". Both roles: identity insecure linger call_deadline
 * overflow ("block", "fail", "drop_oldest", "drop_newest" or "disconnect") block_for queue_bytes
 * queue_messages part_bytes depth. Main: endpoint (repeated for several) duplicates ("refuse" or
 * "replace") ping_interval ping_timeout unresponsive_after resume_for total_queue_bytes
 * total_inbox_bytes connections_max. Renderer: endpoint connect_within after_restart ("report" or
 * "repeat"). What is for the other role is not looked at. Fails with IPCZMQ_BAD_ARGUMENTS.
 */
IPCZMQ_C_API int ipczmq_options_set(ipczmq_options* options, const char* name, const char* value);
/* level: 0 debug, 1 info, 2 warning, 3 error. Without it, warnings and errors go to stderr. */
typedef void (*ipczmq_log_fn)(int level, const char* line, void* user);
IPCZMQ_C_API int ipczmq_options_set_log(ipczmq_options* options, ipczmq_log_fn log, void* user,
                                        ipczmq_release_fn release);
IPCZMQ_C_API void ipczmq_options_free(ipczmq_options* options);

/* ---- endpoints; any thread --------------------------------------------------------------- */

/* Binds, or connects in the background. `options` may be NULL, and may be freed afterwards. */
IPCZMQ_C_API int ipczmq_main_new(const ipczmq_options* options, ipczmq_endpoint** out);
IPCZMQ_C_API int ipczmq_renderer_new(const ipczmq_options* options, ipczmq_endpoint** out);
/* Waits for acknowledgements for `linger`, then closes; every later use fails with IPCZMQ_CLOSED.
 */
IPCZMQ_C_API int ipczmq_close(ipczmq_endpoint* endpoint);
/* Closes and frees. No other thread may be in a function of this endpoint, nor enter one. */
IPCZMQ_C_API void ipczmq_endpoint_free(ipczmq_endpoint* endpoint);

/* Dispatches on this thread until ipczmq_stop(), from any thread or callback. One thread only. */
IPCZMQ_C_API int ipczmq_run(ipczmq_endpoint* endpoint);
IPCZMQ_C_API int ipczmq_stop(ipczmq_endpoint* endpoint);
/* The same on a thread of the library's own. */
IPCZMQ_C_API int ipczmq_start(ipczmq_endpoint* endpoint);
/* For foreign loops: `*fd` polls readable (level-triggered) when ipczmq_poll() has something to do.
 * It stays the same and the endpoint's: never close it. */
IPCZMQ_C_API int ipczmq_fd(ipczmq_endpoint* endpoint, int* fd);
/* Dispatches what has arrived, waiting at most `wait_ms` for the first. `messages`, or NULL, gets
 * how many. One thread only. */
IPCZMQ_C_API int ipczmq_poll(ipczmq_endpoint* endpoint, int64_t wait_ms, size_t* messages);
/* Waits until all that was sent is acknowledged; `left`, or NULL, gets how many messages are not.
 */
IPCZMQ_C_API int ipczmq_drain(ipczmq_endpoint* endpoint, int64_t within_ms, size_t* left);

IPCZMQ_C_API const char* ipczmq_identity(const ipczmq_endpoint* endpoint);
/* Where main is bound, the ports that were chosen included; NULL beyond the last. */
IPCZMQ_C_API const char* ipczmq_bound(const ipczmq_endpoint* endpoint, size_t index);
/* A total by its name in endpoint.hpp, such as "messages_lost". */
IPCZMQ_C_API int ipczmq_statistic(const ipczmq_endpoint* endpoint, const char* name, uint64_t* out);

/* ---- listeners and handlers; any thread -------------------------------------------------- */

enum ipczmq_listen_flags {
  IPCZMQ_LISTEN_ONCE = 1,   /* removed before it is called */
  IPCZMQ_LISTEN_PREPEND = 2 /* before those that are there */
};

/* `id`, or NULL, gets a number for ipczmq_off(). A NULL channel: every channel. */
IPCZMQ_C_API int ipczmq_on(ipczmq_endpoint* endpoint, const char* channel, int flags,
                           ipczmq_event_fn listener, void* user, ipczmq_release_fn release,
                           uint64_t* id);
/* No error when it is gone already. */
IPCZMQ_C_API int ipczmq_off(ipczmq_endpoint* endpoint, uint64_t id);
/* A NULL channel: all listeners. */
IPCZMQ_C_API int ipczmq_remove_all_listeners(ipczmq_endpoint* endpoint, const char* channel);
IPCZMQ_C_API size_t ipczmq_listener_count(const ipczmq_endpoint* endpoint, const char* channel);

/* The channel's one handler for invoke. It answers by ipczmq_event_return() or _fail(), now, or
 * later through ipczmq_event_keep(). */
IPCZMQ_C_API int ipczmq_handle(ipczmq_endpoint* endpoint, const char* channel, int flags,
                               ipczmq_event_fn handler, void* user, ipczmq_release_fn release);
IPCZMQ_C_API int ipczmq_remove_handler(ipczmq_endpoint* endpoint, const char* channel);

/* Gets failures that have no caller to hear of them; without it they are logged. */
typedef void (*ipczmq_error_fn)(const char* channel, const char* peer, const char* what,
                                void* user);
IPCZMQ_C_API int ipczmq_on_error(ipczmq_endpoint* endpoint, ipczmq_error_fn hook, void* user,
                                 ipczmq_release_fn release);

/* ---- the event; any thread --------------------------------------------------------------- */

IPCZMQ_C_API const char* ipczmq_event_channel(const ipczmq_event* event);
/* The arguments: one msgpack array. */
IPCZMQ_C_API const ipczmq_value* ipczmq_event_args(const ipczmq_event* event);
/* In main the renderer, in a renderer main. */
IPCZMQ_C_API const ipczmq_contents* ipczmq_event_sender(const ipczmq_event* event);
/* Whether somebody waits for an answer, and whether they have given up. */
IPCZMQ_C_API int ipczmq_event_is_call(const ipczmq_event* event);
IPCZMQ_C_API int ipczmq_event_cancelled(const ipczmq_event* event);
/* Answers a sync call or invoke with one msgpack value; the first answer counts, and none is
 * wanted by one-way events. For `buffers` see ipczmq_send(). */
IPCZMQ_C_API int ipczmq_event_return(const ipczmq_event* event, const void* value, size_t size,
                                     ipczmq_buffer* const* buffers, size_t buffer_count);
/* Answers with an error, as a throw would. `data` is one msgpack value, or NULL. For a one-way
 * event, while its listener runs, it goes to ipczmq_on_error(). */
IPCZMQ_C_API int ipczmq_event_fail(const ipczmq_event* event, const char* name, const char* message,
                                   const void* data, size_t size);
/* Sends to whoever sent the event. */
IPCZMQ_C_API int ipczmq_event_reply(const ipczmq_event* event, const char* channel,
                                    const void* args, size_t size, ipczmq_buffer* const* buffers,
                                    size_t buffer_count);
/* A copy that outlives the callback, with its arguments, and keeps the call open until it is
 * answered or freed. NULL when there is no memory. */
IPCZMQ_C_API ipczmq_event* ipczmq_event_keep(const ipczmq_event* event);
IPCZMQ_C_API void ipczmq_event_free(ipczmq_event* event);

/* ---- values and buffers ------------------------------------------------------------------ */

/* One whole msgpack value, large binaries included (which copies them, once). One at a time. */
IPCZMQ_C_API const void* ipczmq_value_data(const ipczmq_value* value, size_t* size);
/* Without that copy: large binaries are `d6 1f` and the 4 bytes (big endian) of an index into the
 * buffers. Any thread. */
IPCZMQ_C_API const void* ipczmq_value_raw(const ipczmq_value* value, size_t* size);
IPCZMQ_C_API size_t ipczmq_value_buffer_count(const ipczmq_value* value);
/* The caller's to free; it may outlive the value. NULL beyond the last. */
IPCZMQ_C_API ipczmq_buffer* ipczmq_value_buffer(const ipczmq_value* value, size_t index);
IPCZMQ_C_API void ipczmq_value_free(ipczmq_value* value);

/* Bytes of the caller's, which must not change until `release`. Any thread. */
IPCZMQ_C_API ipczmq_buffer* ipczmq_buffer_new(const void* data, size_t size, void* user,
                                              ipczmq_release_fn release);
IPCZMQ_C_API ipczmq_buffer* ipczmq_buffer_copy(const void* data, size_t size);
IPCZMQ_C_API const void* ipczmq_buffer_data(const ipczmq_buffer* buffer, size_t* size);
IPCZMQ_C_API void ipczmq_buffer_free(ipczmq_buffer* buffer);

/* ---- sending; any thread ----------------------------------------------------------------- */

/* `args` is one msgpack array; NULL with size 0 sends none. Large binaries may be left out of it
 * and given as `buffers` (else NULL, 0): see ipczmq_value_raw(). Nothing is kept of `args`; buffers
 * may be freed when this returns. A renderer waits when the queue is full. */
IPCZMQ_C_API int ipczmq_send(ipczmq_endpoint* renderer, const char* channel, const void* args,
                             size_t size, ipczmq_buffer* const* buffers, size_t buffer_count);

#define IPCZMQ_DEFAULT_DEADLINE (-1) /* the option call_deadline; 0 is no deadline */

/* Waits for the listener's answer. */
IPCZMQ_C_API int ipczmq_send_sync(ipczmq_endpoint* renderer, int64_t deadline_ms,
                                  const char* channel, const void* args, size_t size,
                                  ipczmq_buffer* const* buffers, size_t buffer_count,
                                  ipczmq_value** answer);
/* Calls main's handler and does not wait. */
IPCZMQ_C_API int ipczmq_invoke(ipczmq_endpoint* renderer, int64_t deadline_ms, const char* channel,
                               const void* args, size_t size, ipczmq_buffer* const* buffers,
                               size_t buffer_count, ipczmq_call** call);

/* To every renderer, or to those that listen on the channel; `reached`, or NULL, gets how many. */
IPCZMQ_C_API int ipczmq_broadcast(ipczmq_endpoint* main, const char* channel, const void* args,
                                  size_t size, ipczmq_buffer* const* buffers, size_t buffer_count,
                                  size_t* reached);
IPCZMQ_C_API int ipczmq_publish(ipczmq_endpoint* main, const char* channel, const void* args,
                                size_t size, ipczmq_buffer* const* buffers, size_t buffer_count,
                                size_t* reached);

/* ---- calls; any thread ------------------------------------------------------------------- */

typedef void (*ipczmq_call_fn)(ipczmq_call* call, void* user);

/* Waits for the answer, at most `wait_ms` (IPCZMQ_TIMED_OUT, and the call goes on); below 0 for as
 * long as it takes. May be called again. */
IPCZMQ_C_API int ipczmq_call_get(ipczmq_call* call, int64_t wait_ms, ipczmq_value** answer);
IPCZMQ_C_API int ipczmq_call_ready(const ipczmq_call* call);
IPCZMQ_C_API int ipczmq_call_cancel(ipczmq_call* call);
/* Called once, as a callback, when the call is complete: ipczmq_call_get() then returns at once.
 * When the endpoint is closed first, that completes it (IPCZMQ_CLOSED), and without a thread that
 * dispatches it is called on the one that closes. */
IPCZMQ_C_API int ipczmq_call_then(ipczmq_call* call, ipczmq_call_fn then, void* user,
                                  ipczmq_release_fn release);
/* Detaches: the call goes on. */
IPCZMQ_C_API void ipczmq_call_free(ipczmq_call* call);

/* ---- main's renderers; any thread -------------------------------------------------------- */

/* The ids of those that are there: at most `capacity` into `ids`; returns how many there are. */
IPCZMQ_C_API size_t ipczmq_contents_ids(const ipczmq_endpoint* main, uint64_t* ids,
                                        size_t capacity);
/* IPCZMQ_PEER_GONE when there is none. */
IPCZMQ_C_API int ipczmq_contents_by_id(const ipczmq_endpoint* main, uint64_t id,
                                       ipczmq_contents** out);
IPCZMQ_C_API int ipczmq_contents_by_identity(const ipczmq_endpoint* main, const char* identity,
                                             ipczmq_contents** out);
IPCZMQ_C_API uint64_t ipczmq_contents_id(const ipczmq_contents* contents);
IPCZMQ_C_API const char* ipczmq_contents_identity(const ipczmq_contents* contents);
IPCZMQ_C_API uint64_t ipczmq_contents_pid(const ipczmq_contents* contents);
IPCZMQ_C_API int ipczmq_contents_is_destroyed(const ipczmq_contents* contents);
IPCZMQ_C_API int ipczmq_contents_send(const ipczmq_contents* contents, const char* channel,
                                      const void* args, size_t size, ipczmq_buffer* const* buffers,
                                      size_t buffer_count);
IPCZMQ_C_API int ipczmq_contents_invoke(const ipczmq_contents* contents, int64_t deadline_ms,
                                        const char* channel, const void* args, size_t size,
                                        ipczmq_buffer* const* buffers, size_t buffer_count,
                                        ipczmq_call** call);
/* For this peer alone, called before the endpoint's; gone with it. Else as ipczmq_on() and
 * ipczmq_handle(). */
IPCZMQ_C_API int ipczmq_contents_on(const ipczmq_contents* contents, const char* channel, int flags,
                                    ipczmq_event_fn listener, void* user, ipczmq_release_fn release,
                                    uint64_t* id);
IPCZMQ_C_API int ipczmq_contents_off(const ipczmq_contents* contents, uint64_t id);
IPCZMQ_C_API int ipczmq_contents_handle(const ipczmq_contents* contents, const char* channel,
                                        int flags, ipczmq_event_fn handler, void* user,
                                        ipczmq_release_fn release);
/* Ends its session. */
IPCZMQ_C_API int ipczmq_contents_close(const ipczmq_contents* contents);
IPCZMQ_C_API ipczmq_contents* ipczmq_contents_keep(const ipczmq_contents* contents);
IPCZMQ_C_API void ipczmq_contents_free(ipczmq_contents* contents);

/* ---- what happens to peers; any thread --------------------------------------------------- */

enum ipczmq_news_kind {
  /* of main, about a renderer */
  IPCZMQ_CREATED = 1,
  IPCZMQ_GONE = 2, /* reason: "clean-exit", "crashed", "lost", "killed", "protocol-error",
                      "overflow" */
  IPCZMQ_DESTROYED = 3,
  IPCZMQ_UNRESPONSIVE = 4,
  IPCZMQ_RESPONSIVE = 5,
  IPCZMQ_DRAIN = 6, /* a queue, once full, has room again; of a renderer too */
  /* of a renderer, about main */
  IPCZMQ_CONNECTED = 7,
  IPCZMQ_LOST_CONNECTION = 8, /* reason: the name of a code; it goes on trying */
  IPCZMQ_RECOVERED = 9,       /* of main too: the connection is back, and nothing was lost */
  IPCZMQ_ENDED = 10,          /* main closed or refused this renderer */
  /* of both */
  IPCZMQ_DROPPED = 11 /* by the overflow policy; unacknowledged: how many since the last time */
};
typedef struct ipczmq_news {
  int kind;
  const ipczmq_contents* contents; /* NULL in a renderer */
  const char* reason;              /* "" where there is none */
  const char* message;             /* for people */
  size_t unacknowledged;           /* messages that may not have been dispatched there */
  const ipczmq_lost* lost;         /* these; NULL where there are none. Since version 2 */
} ipczmq_news;
typedef void (*ipczmq_news_fn)(const ipczmq_news* news, void* user);
IPCZMQ_C_API int ipczmq_on_news(ipczmq_endpoint* endpoint, ipczmq_news_fn hook, void* user,
                                ipczmq_release_fn release);

/* ---- messages whose session is over; one at a time --------------------------------------- */

/* What is known of one. */
enum ipczmq_fate {
  IPCZMQ_UNSENT = 0,   /* it never left: it was not dispatched */
  IPCZMQ_RECEIVED = 1, /* the other process took it, and has not said that its listeners returned */
  IPCZMQ_UNKNOWN = 2   /* it had left, and nobody knows whether it arrived */
};
IPCZMQ_C_API size_t ipczmq_lost_count(const ipczmq_lost* lost, int fate);
/* One-way messages in the order of sending, from 0; IPCZMQ_BAD_ARGUMENTS beyond the last. Each of
 * the three may be NULL; channel and arguments (one msgpack array, to be sent again as they are)
 * are borrowed from `lost`. */
IPCZMQ_C_API int ipczmq_lost_message(const ipczmq_lost* lost, size_t index, int* fate,
                                     const char** channel, const ipczmq_value** args);
/* A copy that outlives the callback. NULL when there is no memory. */
IPCZMQ_C_API ipczmq_lost* ipczmq_lost_keep(const ipczmq_lost* lost);
IPCZMQ_C_API void ipczmq_lost_free(ipczmq_lost* lost);

#ifdef __cplusplus
}
#endif

#endif
