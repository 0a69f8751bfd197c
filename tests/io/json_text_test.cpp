#include "patronus/io/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "patronus/io/atomic_file.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(JsonText, ReplacesBytesThatAreNoTextAndKeepsTheRest) {
  EXPECT_EQ(json_text(nlohmann::ordered_json{{"file", "m\xE4.png"}, {"gain", 0.5}}),
            "{\n  \"file\": \"m\xEF\xBF\xBD.png\",\n  \"gain\": 0.5\n}\n");
}

TEST(JsonText, OnOneLineReplacesThemToo) {
  EXPECT_EQ(json_line(Json{{"file", "m\xE4.png"}, {"gain", 0.5}}),
            "{\"file\":\"m\xEF\xBF\xBD.png\",\"gain\":0.5}");
}

TEST(JsonText, OfADamagedFileIsDiscarded) {
  const test::TemporaryFolder folder;
  write_file(folder / "a.json", "{\"gain\": 0.5}");
  EXPECT_EQ(read_json(folder / "a.json"), (Json{{"gain", 0.5}}));
  write_file(folder / "a.json", "{\"gain\": 0.");
  EXPECT_TRUE(read_json(folder / "a.json").is_discarded());
}

}  // namespace
}  // namespace patronus
