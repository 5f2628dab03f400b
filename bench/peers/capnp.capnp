# SPDX-License-Identifier: MIT
@0xd6a4a0d2b6f0c1e9;

interface Sink {
  event @0 (channel :Text, payload :Data) -> stream;
}

interface Peer {
  echo @0 (channel :Text, payload :Data) -> (payload :Data);
  event @1 (channel :Text, payload :Data) -> stream;
  counted @2 () -> (total :UInt64);
  flood @3 (sink :Sink, ms :UInt64, size :UInt64);
}
