// SPDX-License-Identifier: MIT
// Every kind of callable that may listen or handle.
#include "local_emitter.hpp"
#include "recorder.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using ipczmq::args;
using ipczmq::errc;
using ipczmq::event;
using ipczmq::test::local_emitter;
using strings = std::vector<std::string>;

namespace {

int last_number = 0;
void takes_number(event&, int n) { last_number = n; }
void takes_number_noexcept(event&, int n) noexcept { last_number = -n; }

struct functor {
  int* sum;
  void operator()(event&, int n) const { *sum += n; }
};
struct noexcept_functor {
  int* sum;
  void operator()(const event&, int n) noexcept { *sum += 10 * n; }
};

// Calls a handler as an invoke would.
struct invoking : ipczmq::test::calls {
  template <class F, class... A>
  void invoke(F&& f, const A&... a) {
    const auto made = ipczmq::detail::make_handler(std::forward<F>(f));
    local_emitter e;
    e.on("sum", [&](event& ev, args arguments) { made(ev, arguments, call()); });
    e.emit("sum", a...);
  }
};

}  // namespace

#define SAME(a, ...) BOOST_TEST((a) == (strings{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(listening, local_emitter)

BOOST_AUTO_TEST_CASE(functions_and_pointers_to_them) {
  on("x", takes_number);
  emit("x", 1);
  BOOST_TEST(last_number == 1);
  on("y", &takes_number_noexcept);
  emit("y", 2);
  BOOST_TEST(last_number == -2);
}

BOOST_AUTO_TEST_CASE(std_function) {
  int got = 0;
  const std::function<void(event&, int)> f = [&](event&, int n) { got = n; };
  on("x", f);
  emit("x", 5);
  BOOST_TEST(got == 5);
}

BOOST_AUTO_TEST_CASE(objects_with_a_call_operator) {
  int sum = 0;
  on("x", functor{&sum});
  on("x", noexcept_functor{&sum});
  emit("x", 1);
  BOOST_TEST(sum == 11);
}

BOOST_AUTO_TEST_CASE(mutable_lambda_keeps_its_state) {
  int seen = 0;
  on("x", [&seen, count = 0](event&) mutable { seen = ++count; });
  emit("x");
  emit("x");
  BOOST_TEST(seen == 2);
}

BOOST_AUTO_TEST_CASE(move_only_lambda) {
  int seen = 0;
  on("x", [&seen, n = std::make_unique<int>(3)](event&) mutable { seen = (*n)++; });
  emit("x");
  emit("x");
  BOOST_TEST(seen == 4);
}

BOOST_AUTO_TEST_CASE(noexcept_lambda) {
  int seen = 0;
  on("x", [&](event&, int n) noexcept { seen = n; });
  on("y", [&](event&, int n) mutable noexcept { seen = n; });
  emit("x", 3);
  emit("y", 4);
  BOOST_TEST(seen == 4);
}

BOOST_AUTO_TEST_CASE(event_by_reference_to_const_or_by_value) {
  strings seen;
  on("x", [&](const event& e) { seen.emplace_back(e.channel); });
  on("x", [&](event e) { seen.emplace_back(e.channel); });
  on("x", [&](const event, int n) { seen.push_back(std::to_string(n)); });
  emit("x", 1);
  SAME(seen, "x", "x", "1");
}

BOOST_AUTO_TEST_CASE(no_parameters_at_all) {
  int calls = 0;
  on("x", [&] { ++calls; });
  emit("x", 1, 2, 3);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(arguments_by_value_by_reference_and_as_rvalue) {
  strings seen;
  on("x", [&](event&, std::string a, const std::string& b, std::string&& c, std::string_view d) {
    for (const auto& s : {a, b, std::move(c), std::string(d)}) seen.push_back(s);
  });
  on("x", [&](event&, std::unique_ptr<std::string> p) { seen.push_back(*p); });
  emit("x", "a", "b", "c", "d");
  SAME(seen, "a", "b", "c", "d", "a");
}

BOOST_AUTO_TEST_CASE(fewer_parameters_than_arguments) {
  int seen = 0;
  on("x", [&](event&, int n) { seen = n; });
  emit("x", 1, "two", 3.0);
  BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(trailing_optional_parameters_may_be_absent) {
  std::vector<std::optional<int>> seen;
  on("x", [&](event&, int a, std::optional<int> b, std::optional<int> c) { seen = {a, b, c}; });
  emit("x", 1, 2);
  BOOST_TEST((seen == std::vector<std::optional<int>>{1, 2, std::nullopt}));
  emit("x", 1, nullptr, 3);
  BOOST_TEST((seen == std::vector<std::optional<int>>{1, std::nullopt, 3}));
}

BOOST_AUTO_TEST_CASE(missing_arguments_are_an_error_and_nothing_is_called) {
  bool called = false;
  on("sum", [&](event&, int, int, int) { called = true; });
  const auto text = [&](const char* wanted) {
    return [wanted](const ipczmq::error& e) {
      BOOST_TEST(e.what() == wanted);
      return e.code() == errc::bad_arguments;
    };
  };
  BOOST_CHECK_EXCEPTION(
      emit("sum", 1), ipczmq::error,
      text("channel 'sum': argument 2: wanted int32, got nothing (1 argument was sent)"));
  BOOST_CHECK_EXCEPTION(
      emit("sum"), ipczmq::error,
      text("channel 'sum': argument 1: wanted int32, got nothing (0 arguments were sent)"));
  BOOST_CHECK_EXCEPTION(emit("sum", 1, 2, "3"), ipczmq::error,
                        text("channel 'sum': argument 3: wanted int32, got string"));
  BOOST_TEST(!called);
}

BOOST_AUTO_TEST_CASE(first_bad_argument_is_the_one_named) {
  on("sum", [](event&, int, int) {});
  BOOST_CHECK_EXCEPTION(emit("sum", "a", "b"), ipczmq::error, [](const ipczmq::error& e) {
    return e.what() == std::string("channel 'sum': argument 1: wanted int32, got string");
  });
}

BOOST_AUTO_TEST_CASE(raw_arguments_stand_for_all) {
  std::size_t size = 0;
  std::string second;
  on("x", [&](event&, args a) {
    size = a.size();
    second = a.get<std::string>(1);
  });
  on("x", [&](const event&, const args& a) { size += a.size(); });
  emit("x", 1, "two", 3.0);
  BOOST_TEST(size == 6U);
  BOOST_TEST(second == "two");
}

BOOST_AUTO_TEST_CASE(empty_callables_are_refused_when_registered) {
  void (*null_pointer)(event&) = nullptr;
  BOOST_CHECK_THROW(on("x", null_pointer), ipczmq::error);
  BOOST_CHECK_THROW(on("x", std::function<void(event&)>()), ipczmq::error);
  BOOST_CHECK_THROW(on_any(null_pointer), ipczmq::error);
  BOOST_CHECK_EXCEPTION(handle("x", null_pointer), ipczmq::error, [](const ipczmq::error& e) {
    return e.what() == std::string("Expected handler to be a function, but found type 'undefined'");
  });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(handling, invoking)

BOOST_AUTO_TEST_CASE(R_50_result_is_the_answer_and_nothing_is_nil) {
  invoke([](event&, int a, int b) { return a + b; }, 1, 2);
  invoke([](event&) {});
  invoke([] { return std::optional<int>(); });
  SAME(log, "3", "nil", "nil");
}

BOOST_AUTO_TEST_CASE(deferred_answers_later) {
  ipczmq::deferred<int> d;
  invoke([&](event&) { return d; });
  BOOST_TEST(log.empty());
  d.resolve(9);
  SAME(log, "9");
}

BOOST_AUTO_TEST_CASE(deferred_that_nobody_keeps_drops_the_call) {
  invoke([](event&) { return ipczmq::deferred<int>(); });
  SAME(log, "dropped");
}

BOOST_AUTO_TEST_CASE(exception_is_for_who_called_the_handler) {
  BOOST_CHECK_THROW(invoke([](event&) -> int { throw std::runtime_error("mine"); }),
                    std::runtime_error);
  BOOST_CHECK_THROW(invoke([](event&, int) {}, "text"), ipczmq::error);
  SAME(log, "dropped", "dropped");
}

BOOST_AUTO_TEST_CASE(value_is_passed_on_unconverted) {
  invoke([](event&, ipczmq::value v) { return v; }, 5);
  invoke([](event&, ipczmq::value_view v) { return v; }, 6);
  invoke([](event&, args a) { return a[0]; }, 7);
  SAME(log, "5", "6", "7");
}

BOOST_AUTO_TEST_CASE(move_only_handler) {
  invoke([n = std::make_unique<int>(3)](event&) { return *n; });
  SAME(log, "3");
}

BOOST_AUTO_TEST_SUITE_END()
