// SPDX-License-Identifier: MIT
#include "transport/ipc_listener.hpp"

#include "fixture.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <memory>

namespace ipczmq::transport::test {
namespace {

// A unix socket as a crashed main leaves it, when `left_behind`; else one that lives on, of any
// type.
int raw_socket(const std::string& path, int type, bool left_behind) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
  const int fd = ::socket(AF_UNIX, type, 0);
  BOOST_TEST_REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  if (type == SOCK_STREAM) BOOST_TEST_REQUIRE(::listen(fd, 1) == 0);
  if (left_behind) ::close(fd);
  return fd;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  BOOST_TEST_REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

BOOST_AUTO_TEST_SUITE(ipc_listener_test, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(a_second_main_is_refused_and_the_first_still_hears_its_clients) {
  pair p;
  p.connect("ipc");
  p.greet();
  socket second(p.c, role::router, {});
  BOOST_CHECK_EXCEPTION(second.bind(p.directory.endpoint()), error, [](const error& e) {
    return says(e, errc::endpoint_in_use, "pid " + std::to_string(::getpid())) &&
           says(e, errc::endpoint_in_use, "IPCZMQ_ENDPOINT");
  });
  p.greet();

  socket late(p.c, role::dealer, {.routing_id = "late"});
  link(late, p.directory.endpoint().text);
  incoming in;
  BOOST_TEST_REQUIRE(test::send(late, {}, parts({"x"})));
  BOOST_TEST_REQUIRE(test::receive(p.router, in));
  BOOST_TEST(in.routing_id == "late");
}

BOOST_AUTO_TEST_CASE(a_stale_socket_is_replaced_and_no_lock_file_stays) {
  scratch_directory directory;
  raw_socket(directory.file("main.sock"), SOCK_STREAM, true);
  const ipc_listener listener(directory.endpoint());
  BOOST_TEST(exists(directory.file("main.sock")));
  BOOST_TEST(!exists(directory.file("main.sock.lock")));
}

BOOST_AUTO_TEST_CASE(a_full_backlog_is_a_living_main) {
  scratch_directory directory;
  const std::string path = directory.file("main.sock");
  const int fd = raw_socket(path, SOCK_STREAM, false);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
  std::vector<int> clients;
  for (;;) {
    clients.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (::connect(clients.back(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) break;
  }
  BOOST_CHECK_EXCEPTION(ipc_listener(directory.endpoint()), error, [](const error& e) {
    return says(e, errc::endpoint_in_use, "served by another main");
  });
  for (const int client : clients) ::close(client);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_stream_socket_is_never_removed) {
  scratch_directory directory;
  std::ofstream(directory.file("file")) << "precious";
  std::filesystem::create_directory(directory.file("folder"));
  raw_socket(directory.file("stale"), SOCK_STREAM, true);
  std::filesystem::create_symlink(directory.file("stale"), directory.file("link"));
  const int datagrams = raw_socket(directory.file("datagrams"), SOCK_DGRAM, false);
  for (const char* name : {"file", "folder", "link", "datagrams"}) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_CHECK_EXCEPTION(ipc_listener(directory.endpoint(name)), error, [](const error& e) {
        return says(e, errc::bad_endpoint, "left alone");
      });
      BOOST_TEST(exists(directory.file(name)));
    }
  }
  ::close(datagrams);
}

BOOST_AUTO_TEST_CASE(the_socket_is_the_users_alone_whatever_the_umask) {
  for (const mode_t mask : {0, 022, 0777}) {
    scratch_directory directory;
    const mode_t before = ::umask(mask);
    try {
      const ipc_listener listener(directory.endpoint());
      BOOST_TEST(mode_of(directory.file("main.sock")) == 0600u);
    } catch (const error& e) {
      BOOST_ERROR(e.what());
    }
    ::umask(before);
  }
}

BOOST_AUTO_TEST_CASE(the_path_is_removed_at_the_end_only_if_it_is_still_ours) {
  scratch_directory directory;
  const std::string path = directory.file("main.sock");
  { const ipc_listener listener(directory.endpoint()); }
  BOOST_TEST(!exists(path));

  auto first = std::make_unique<ipc_listener>(directory.endpoint());
  std::filesystem::remove(path);  // by hand, while it is served
  const ipc_listener second(directory.endpoint());
  first.reset();
  BOOST_TEST(exists(path));
}

BOOST_AUTO_TEST_CASE(the_path_goes_with_the_socket_and_with_unbind) {
  scratch_directory directory;
  context c;
  auto first = std::make_unique<socket>(c, role::router, socket_options{});
  first->bind(directory.endpoint());
  first.reset();
  BOOST_TEST(!exists(directory.file("main.sock")));

  socket second(c, role::router, {});
  second.bind(directory.endpoint());
  second.unbind_all();
  BOOST_TEST(!exists(directory.file("main.sock")));
  second.bind(directory.endpoint());  // again, with a fresh descriptor
  socket dealer(c, role::dealer, {.routing_id = "renderer"});
  link(dealer, directory.endpoint().text);
  incoming in;
  BOOST_TEST(test::send(dealer, {}, parts({"x"})));
  BOOST_TEST(test::receive(second, in));
}

BOOST_AUTO_TEST_CASE(of_many_that_race_for_a_stale_path_one_wins) {
  scratch_directory directory;
  raw_socket(directory.file("main.sock"), SOCK_STREAM, true);
  const address a = directory.endpoint();
  std::vector<std::unique_ptr<ipc_listener>> won(8);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  threads.reserve(won.size());
  for (auto& slot : won)
    threads.emplace_back([&] {
      try {
        slot = std::make_unique<ipc_listener>(a);
      } catch (const error& e) {
        if (e.code() == errc::endpoint_in_use) ++refused;
      }
    });
  for (std::thread& t : threads) t.join();
  BOOST_TEST(std::count(won.begin(), won.end(), nullptr) == 7);
  BOOST_TEST(refused == 7);
  BOOST_TEST(exists(directory.file("main.sock")));
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_named) {
  scratch_directory directory;
  BOOST_CHECK_EXCEPTION(ipc_listener(directory.endpoint("no/main.sock")), error,
                        [&](const error& e) {
                          return says(e, errc::bad_endpoint, directory.file("no")) &&
                                 says(e, errc::bad_endpoint, "does not exist");
                        });
}

struct own_runtime_directory {
  scratch_directory directory;
  std::string before;
  own_runtime_directory() {
    if (const char* set = std::getenv("XDG_RUNTIME_DIR")) before = set;
    ::setenv("XDG_RUNTIME_DIR", directory.file("").c_str(), 1);
  }
  ~own_runtime_directory() { ::setenv("XDG_RUNTIME_DIR", before.c_str(), 1); }
  [[nodiscard]] address endpoint() const {
    return parse_address("ipc://" + default_directory() + "/main.sock");
  }
};

BOOST_FIXTURE_TEST_CASE(the_default_directory_is_made_for_the_user_alone, own_runtime_directory) {
  { const ipc_listener listener(endpoint()); }
  BOOST_TEST(mode_of(default_directory()) == 0700u);
  const ipc_listener again(endpoint());
}

BOOST_FIXTURE_TEST_CASE(a_default_directory_that_others_may_enter_is_refused,
                        own_runtime_directory) {
  std::filesystem::create_directory(default_directory());
  ::chmod(default_directory().c_str(), 0755);
  const auto refused = [](const error& e) {
    return says(e, errc::forbidden, "lets other users in");
  };
  BOOST_CHECK_EXCEPTION(ipc_listener{endpoint()}, error, refused);
  context c;
  socket dealer(c, role::dealer, {});
  BOOST_CHECK_EXCEPTION(dealer.connect(endpoint()), error, refused);
}

BOOST_FIXTURE_TEST_CASE(a_default_directory_of_another_user_is_refused, own_runtime_directory) {
  std::filesystem::create_directory(default_directory());
  ::chmod(default_directory().c_str(), 0700);
  if (::chown(default_directory().c_str(), 12345, 12345) != 0) return;  // only root can give away
  const auto refused = [](const error& e) { return says(e, errc::forbidden, "another user"); };
  BOOST_CHECK_EXCEPTION(ipc_listener{endpoint()}, error, refused);
}

BOOST_FIXTURE_TEST_CASE(a_link_in_place_of_the_default_directory_is_refused,
                        own_runtime_directory) {
  std::filesystem::create_directory(directory.file("elsewhere"));
  std::filesystem::create_directory_symlink(directory.file("elsewhere"), default_directory());
  BOOST_CHECK_EXCEPTION(ipc_listener{endpoint()}, error,
                        [](const error& e) { return says(e, errc::forbidden, "not a directory"); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ipczmq::transport::test
