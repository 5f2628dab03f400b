// SPDX-License-Identifier: MIT
// What both programs speak of. MSGPACK_DEFINE names the fields once, for packing and unpacking.
#pragma once

#include <ipczmq/ipczmq.hpp>

#include <optional>
#include <string>
#include <vector>

struct item {
  std::string name;
  int count = 1;
  MSGPACK_DEFINE(name, count)  // an array: small, the order of the fields counts
};

struct order {
  std::string customer;
  std::vector<item> items;
  std::optional<std::string> note;
  MSGPACK_DEFINE_MAP(customer, items, note)  // a map: fields may be added later
};

struct receipt {
  int number = 0;
  int pieces = 0;
  std::string text;
  MSGPACK_DEFINE_MAP(number, pieces, text)
};
