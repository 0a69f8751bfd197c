#pragma once
#include <functional>
#include <string>

namespace patronus::test {

/// What the `Error` thrown by `act` says; "no error" when none is thrown. Other exceptions pass.
std::string message_of(const std::function<void()>& act);

}  // namespace patronus::test
