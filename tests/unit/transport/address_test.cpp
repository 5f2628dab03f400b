// SPDX-License-Identifier: MIT
#include "transport/address.hpp"

#include <ipczmq/error.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace {

using namespace ipczmq;
using transport::scheme;

// Sets an environment variable, or removes it, for one case.
class environment {
 public:
  environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    assign(value);
  }
  ~environment() { assign(before_ ? before_->c_str() : nullptr); }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

 private:
  void assign(const char* value) {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> before_;
};

BOOST_AUTO_TEST_SUITE(address_test)

BOOST_AUTO_TEST_CASE(good_endpoints_are_taken_apart) {
  const struct {
    std::string text;
    transport::scheme scheme;
    std::string normal;
    std::string path;
    bool loopback;
  } cases[] = {
      {"ipc:///run/x", scheme::ipc, "ipc:///run/x", "/run/x", true},
      {"ipc://relative/x.sock", scheme::ipc, "ipc://relative/x.sock", "relative/x.sock", true},
      {"ipc://@name", scheme::ipc, "ipc://@name", "@name", true},
      {"ipc:///" + std::string(106, 'x'), scheme::ipc, "ipc:///" + std::string(106, 'x'),
       "/" + std::string(106, 'x'), true},
      {"inproc://a b", scheme::inproc, "inproc://a b", "", true},
      {"tcp://127.0.0.1:5555", scheme::tcp, "tcp://127.0.0.1:5555", "", true},
      {"tcp://127.9.9.9:0", scheme::tcp, "tcp://127.9.9.9:0", "", true},
      {"tcp://localhost:65535", scheme::tcp, "tcp://127.0.0.1:65535", "", true},
      {"tcp://[::1]:5555", scheme::tcp, "tcp://[::1]:5555", "", true},
      {"tcp://*:*", scheme::tcp, "tcp://*:0", "", false},
      {"tcp://*:0", scheme::tcp, "tcp://*:0", "", false},
      {"tcp://0.0.0.0:1", scheme::tcp, "tcp://0.0.0.0:1", "", false},
      {"tcp://128.0.0.1:1", scheme::tcp, "tcp://128.0.0.1:1", "", false},
      {"tcp://127.evil.example:1", scheme::tcp, "tcp://127.evil.example:1", "", false},
      {"tcp://localhost.example:1", scheme::tcp, "tcp://localhost.example:1", "", false},
      {"tcp://eth0:1", scheme::tcp, "tcp://eth0:1", "", false},
      {"tcp://[::]:1", scheme::tcp, "tcp://[::]:1", "", false},
      {"tcp://[fe80::1%eth0]:1", scheme::tcp, "tcp://[fe80::1%eth0]:1", "", false},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.text) {
      const transport::address a = transport::parse_address(c.text);
      BOOST_TEST((a.scheme == c.scheme));
      BOOST_TEST(a.text == c.normal);
      BOOST_TEST(a.path == c.path);
      BOOST_TEST(a.loopback == c.loopback);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bad_endpoint_is_refused_with_what_is_wrong) {
  const struct {
    std::string text;
    std::string says;
  } cases[] = {
      {"", "is empty"},
      {"main.sock", "scheme is missing"},
      {"udp://127.0.0.1:1", "ipc, tcp or inproc"},
      {"IPC:///x", "ipc, tcp or inproc"},
      {"://x", "ipc, tcp or inproc"},
      {"ipc://", "names no socket"},
      {"ipc://@", "names no socket"},
      {"ipc://*", "no wildcard"},
      {"ipc:///run/", "names a directory"},
      {"ipc:///" + std::string(107, 'x'), "has 108 bytes, and a socket's may have 107"},
      {"ipc:///" + std::string(107, 'x'), "shorter directory"},
      {"ipc://@" + std::string(107, 'x'), "has 108 bytes"},
      {std::string("ipc:///x\0y", 10), "NUL"},
      {"inproc://", "name is missing"},
      {"tcp://", "host and port are missing"},
      {"tcp://127.0.0.1", "write tcp://127.0.0.1:5555"},
      {"tcp://[::1]", "write tcp://[::1]:5555"},
      {"tcp://127.0.0.1:", "from 1 to 65535"},
      {"tcp://127.0.0.1:http", "from 1 to 65535"},
      {"tcp://127.0.0.1:65536", "from 1 to 65535"},
      {"tcp://127.0.0.1:-1", "from 1 to 65535"},
      {"tcp://127.0.0.1:1 ", "from 1 to 65535"},
      {"tcp://127.0.0.1:99999999999999999999", "from 1 to 65535"},
      {"tcp://:5555", "host is missing"},
      {"tcp://::1:5555", "in brackets"},
      {"tcp://[::zz]:5555", "not an IPv6 address"},
      {"tcp://[]:5555", "not an IPv6 address"},
      {"tcp://a b:5555", "not a name or an address"},
      {"tcp://user@host:5555", "not a name or an address"},
      {"tcp://h/ost:5555", "not a name or an address"},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.text) {
      BOOST_CHECK_EXCEPTION(transport::parse_address(c.text), error, [&](const error& e) {
        BOOST_TEST_INFO(e.what());
        return e.code() == errc::bad_endpoint &&
               std::string_view(e.what()).find(c.says) != std::string_view::npos;
      });
    }
  }
}

BOOST_AUTO_TEST_CASE(the_environment_chooses_the_endpoint) {
  const environment chosen("IPCZMQ_ENDPOINT", "tcp://127.0.0.1:1");
  BOOST_TEST(transport::default_endpoint() == "tcp://127.0.0.1:1");
}

BOOST_AUTO_TEST_CASE(the_default_endpoint_lies_in_the_users_runtime_directory) {
  const environment chosen("IPCZMQ_ENDPOINT", "");
  const environment runtime("XDG_RUNTIME_DIR", "/run/user/7/");
  BOOST_TEST(transport::default_endpoint() == "ipc:///run/user/7/ipczmq/main.sock");
}

BOOST_AUTO_TEST_CASE(without_a_runtime_directory_it_lies_in_tmp) {
  const std::string expected = "ipc:///tmp/ipczmq-" + std::to_string(::geteuid()) + "/main.sock";
  const environment chosen("IPCZMQ_ENDPOINT", nullptr);
  for (const char* useless : {static_cast<const char*>(nullptr), "", "relative"}) {
    const environment runtime("XDG_RUNTIME_DIR", useless);
    BOOST_TEST(transport::default_endpoint() == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
