#include "patronus/diagnosis/prototype_reach.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/unknown.h"
#include "patronus/run/trained_model.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// Three prototypes that look at the upper left quarter of 8 x 8 pixels: 0 acts there, 1 also in a pixel of
/// the lower right, 2 cannot be moved.
struct Reaching {
  Dataset images = open_dataset(test::small_run().data, Split::kTest).subset(at::arange(10));
  Encoding encoding;
  Control raised, lowered;

  Reaching() {
    encoding.activation = at::arange(30, at::kFloat).view({10, 3});
    encoding.boxes = at::tensor({0, 4, 0, 4}, at::kLong).expand({10, 3, 4});
    const int64_t size = images.slice(0, 1).size(-1);
    raised.prototypes = {0, 1, 2};
    raised.change_map = at::zeros({3, size, size}, at::kDouble);
    raised.change_map.slice(1, 0, 4).slice(2, 0, 4).fill_(4);
    lowered.change_map = raised.change_map.clone();
    raised.change_map[1][6][7] = 2;
    lowered.change_map[1][6][7] = 4;
    raised.gain = at::tensor({0.5, kNaN, kNaN}, at::kDouble);
    lowered.gain = at::tensor({0.0, 0.2, kNaN}, at::kDouble);
    raised.change_map[2].fill_(kNaN);
    lowered.change_map[2].fill_(kNaN);
  }
};

TEST(PrototypeReach, IsHowMuchTheImageChangesWhereThePrototypeDoesNotLook) {
  const Reaching r;
  const auto reach = prototype_reach(r.images, r.encoding, r.raised, r.lowered);
  ASSERT_EQ(reach.size(), 2u) << "2 was not moved";
  EXPECT_EQ(reach[0].prototype, 1) << "acts farther away";
  EXPECT_NEAR(reach[0].elsewhere, 3.0 / 4, 1e-12) << "mean of raised and lowered";
  EXPECT_EQ(reach[0].row, 6);
  EXPECT_EQ(reach[0].column, 7);
  EXPECT_EQ(reach[1].prototype, 0);
  EXPECT_EQ(reach[1].elsewhere, 0);
  EXPECT_EQ(reach[0].box, (Box{0, 4, 0, 4}));
  EXPECT_TRUE(at::equal(reach[0].strongest, r.images.images(at::tensor({9}))[0]));
  EXPECT_NEAR(reach[0].looks.sum().item<double>(), 16, 1e-9);
}

TEST(PrototypeReach, SaysHowLargeTheChangeIsAndWhichShareOfAllOfItLiesElsewhere) {
  const Reaching r;
  const auto reach = prototype_reach(r.images, r.encoding, r.raised, r.lowered);
  EXPECT_NEAR(reach[0].share_elsewhere, 3.0 / (16 * 4 + 3), 1e-12);
  EXPECT_EQ(reach[1].share_elsewhere, 0);
  EXPECT_NEAR(reach[0].largest_change, 255, 1e-9) << "from -1 to 1";
}

TEST(PrototypeReach, WithoutEffectRanksLast) {
  Reaching r;
  r.lowered.gain[1] = -0.001;
  EXPECT_EQ(prototype_reach(r.images, r.encoding, r.raised, r.lowered)[0].prototype, 1) << "changes images";
  r.raised.change_map[1].mul_(0.009);
  r.lowered.change_map[1].mul_(0.009);
  const auto reach = prototype_reach(r.images, r.encoding, r.raised, r.lowered);
  EXPECT_EQ(reach[0].prototype, 0);
  EXPECT_TRUE(reach[0].has_effect) << "of one of raising and lowering";
  EXPECT_EQ(reach[1].prototype, 1) << "though it acts farther away";
  EXPECT_FALSE(reach[1].has_effect);
}

TEST(PrototypeReach, DoesNotCountWhereThePrototypeLooksInSomeOfTheImages) {
  Reaching r;
  r.encoding.boxes = r.encoding.boxes.clone();
  r.encoding.boxes[3][1].copy_(at::tensor({5, 8, 5, 8}, at::kLong));
  const auto reach = prototype_reach(r.images, r.encoding, r.raised, r.lowered);
  for (const auto& one : reach) EXPECT_EQ(one.elsewhere, 0) << one.prototype;
}

}  // namespace
}  // namespace patronus
