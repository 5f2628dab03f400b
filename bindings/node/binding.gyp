# The source fallback: against the installed library, or in a clone against the core's own sources' build.
# ./dev build uses meson.build instead.
{
  "targets": [
    {
      "target_name": "ipczmq",
      "sources": [
        "src/addon.cpp", "src/environment.cpp", "src/heap.cpp", "src/incoming.cpp", "src/js.cpp",
        "src/log_lines.cpp", "src/loop_watch.cpp", "src/news.cpp", "src/node_endpoint.cpp", "src/options.cpp", "src/outgoing.cpp"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-fvisibility=hidden", "<!@(node scripts/library.js --cflags)"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "libraries": ["<!@(node scripts/library.js --libs)"]
    }
  ]
}
