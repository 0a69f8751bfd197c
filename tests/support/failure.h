#pragma once
#include <functional>
#include <string>

namespace patronus::test {

/// Message of the `Error` thrown by `act`, or "no error". Other exceptions propagate.
std::string message_of(const std::function<void()>& act);

}  // namespace patronus::test
