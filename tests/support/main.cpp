// SPDX-License-Identifier: MIT
// The only BOOST_TEST_MODULE: every Boost.Test executable links this main().
#define BOOST_TEST_MODULE ipczmq
#include <boost/test/unit_test.hpp>
