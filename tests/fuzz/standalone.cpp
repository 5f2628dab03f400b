// SPDX-License-Identifier: MIT
// In place of libFuzzer's main(), for any compiler: gives the target every input of a corpus file,
// which holds one a line, in hexadecimal digits.
#include "target.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <string>

namespace {

std::vector<std::uint8_t> bytes_of(const std::string& line) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < line.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16)));
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " CORPUS_FILE\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  std::size_t inputs = 0;
  try {
    for (std::string line; std::getline(file, line); ++inputs) {
      const std::vector<std::uint8_t> bytes = bytes_of(line);
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  } catch (const std::exception& e) {
    std::cerr << "line " << inputs + 1 << ": " << e.what() << '\n';
    return 1;
  }
  std::cout << inputs << " inputs of " << argv[1] << " replayed\n";
  return inputs == 0 ? 1 : 0;
}
