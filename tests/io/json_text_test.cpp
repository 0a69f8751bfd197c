#include "patronus/io/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace patronus {
namespace {

TEST(JsonText, ReplacesBytesThatAreNoTextAndKeepsTheRest) {
  EXPECT_EQ(json_text(nlohmann::ordered_json{{"file", "m\xE4.png"}, {"gain", 0.5}}),
            "{\n  \"file\": \"m\xEF\xBF\xBD.png\",\n  \"gain\": 0.5\n}\n");
}

}  // namespace
}  // namespace patronus
