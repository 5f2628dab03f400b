// SPDX-License-Identifier: MIT
// Arguments as they are sent and received, without anything between.
#pragma once

#include <ipczmq/convert.hpp>
#include <ipczmq/error.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

namespace ipczmq::test {

// One value packed, and seen as its receiver sees it.
class message {
 public:
  template <class T>
  explicit message(const T& v) {
    detail::pack_one(packed_, v);
  }
  [[nodiscard]] value_view view() const { return {packed_.bytes, packed_.attachments}; }
  [[nodiscard]] const detail::packed& packed() const { return packed_; }
  template <class T>
  [[nodiscard]] T as() const {
    return view().as<T>();
  }

 private:
  detail::packed packed_;
};

inline buffer filled(std::size_t size, char with = 'x') {
  return buffer::take(std::string(size, with));
}

// Checks that `f` throws error(bad_arguments) with exactly this text.
template <class F>
void throws_text(F&& f, std::string_view text) {
  BOOST_CHECK_EXCEPTION(f(), error, [&](const error& e) {
    BOOST_TEST(e.what() == text);
    return e.code() == errc::bad_arguments;
  });
}

}  // namespace ipczmq::test
