// SPDX-License-Identifier: MIT
#include "recorder.hpp"

#include <ipczmq/deferred.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using ipczmq::deferred;
using ipczmq::test::calls;
using ipczmq::test::recorder;
using strings = std::vector<std::string>;

#define SAME(a, ...) BOOST_TEST((a) == (strings{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(a_deferred, calls)

BOOST_AUTO_TEST_CASE(resolved_after_it_was_attached_answers) {
  const deferred<int> d;
  d.state()->attach(call());
  BOOST_TEST(log.empty());
  BOOST_TEST(d.resolve(42));
  SAME(log, "42");
}

BOOST_AUTO_TEST_CASE(resolved_before_it_was_attached_answers) {
  const deferred<int> d;
  BOOST_TEST(d.resolve(42));
  d.state()->attach(call());
  SAME(log, "42");
}

BOOST_AUTO_TEST_CASE(first_completion_wins) {
  const deferred<int> d;
  d.state()->attach(call());
  BOOST_TEST(d.resolve(1));
  BOOST_TEST(!d.resolve(2));
  BOOST_TEST(!d.reject("no"));
  SAME(log, "1");

  const deferred<int> rejected;
  BOOST_TEST(rejected.reject("no"));
  BOOST_TEST(!rejected.resolve(1));
  rejected.state()->attach(call());
  SAME(log, "1", "!Error: no");
}

BOOST_AUTO_TEST_CASE(rejects_with_a_text_an_exception_or_a_pointer_to_one) {
  const deferred<int> text;
  text.state()->attach(call());
  text.reject("a text");
  const deferred<int> exception;
  exception.state()->attach(call());
  exception.reject(std::runtime_error("an exception"));
  const deferred<int> pointer;
  pointer.state()->attach(call());
  pointer.reject(std::make_exception_ptr(std::runtime_error("a pointer")));
  const deferred<int> null;
  null.state()->attach(call());
  null.reject(std::exception_ptr());
  SAME(log, "!Error: a text", "!an exception", "!a pointer", "!Error: rejected without a reason");
}

BOOST_AUTO_TEST_CASE(last_copy_destroyed_unresolved_drops_the_call) {
  std::optional<deferred<int>> d(std::in_place);
  d->state()->attach(call());
  auto copy = std::make_optional(*d);
  d.reset();
  BOOST_TEST(log.empty());
  copy.reset();
  SAME(log, "dropped");
}

BOOST_AUTO_TEST_CASE(keeps_its_call_no_longer_than_until_the_answer) {
  const deferred<int> d;
  std::weak_ptr<recorder> watched;
  {
    const auto c = call();
    watched = c;
    d.state()->attach(c);
  }
  BOOST_TEST(!watched.expired());
  d.resolve(1);
  BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(answers_every_call_that_it_was_returned_from) {
  const deferred<int> d;
  d.state()->attach(call());
  d.state()->attach(call());
  d.resolve(7);
  d.state()->attach(call());
  SAME(log, "7", "7", "7");
}

BOOST_AUTO_TEST_CASE(of_void_answers_nil) {
  const deferred<void> d;
  d.state()->attach(call());
  d.resolve();
  SAME(log, "nil");
}

BOOST_AUTO_TEST_CASE(converts_to_its_type_before_it_packs) {
  const deferred<int> d;
  d.state()->attach(call());
  d.resolve(3.9);
  SAME(log, "3");
}

BOOST_AUTO_TEST_SUITE_END()
