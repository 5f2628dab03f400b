// SPDX-License-Identifier: MIT
// Main in Qt's event loop: a QSocketNotifier on fd(), and poll() when it says so.
#include <ipczmq/ipczmq.hpp>

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTimer>

#include <iostream>

int main(int argc, char** argv) {
  QCoreApplication app(argc, argv);
  ipczmq::ipc_main main;
  QSocketNotifier readable(main.fd(), QSocketNotifier::Read);
  QObject::connect(&readable, &QSocketNotifier::activated, [&main] { main.poll(); });

  int ticks = 0;
  QTimer timer;
  QObject::connect(&timer, &QTimer::timeout, [&] { main.broadcast("tick", ++ticks); });
  timer.start(20);

  main.handle("finish", [&](ipczmq::event&) {
    QTimer::singleShot(0, &app, &QCoreApplication::quit);
    return "goodbye";
  });
  QCoreApplication::exec();
  std::cout << "finished" << std::endl;
}
