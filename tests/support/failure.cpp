#include "support/failure.h"

#include "patronus/core/error.h"

namespace patronus::test {

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace patronus::test
