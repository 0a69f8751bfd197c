#include "distributed/job_store.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <vector>

#include "patronus/distributed/process_group.h"
#include "support/failure.h"

namespace patronus {
namespace {

using Texts = std::vector<std::string>;

/// Ranks of a job that are threads of this process and have its store in their memory.
class JobStores : public testing::Test {
 protected:
  JobStore of_rank(int64_t rank, std::chrono::seconds timeout = std::chrono::seconds(30)) const {
    const Launch launch{.rank = rank, .size = 3, .local_rank = rank, .address = "", .port = 1};
    JobStore store(launch, store_, timeout);
    store.set_processes({"process 1 on a", "process 2 on a", "process 3 on b"});
    return store;
  }
  /// Every rank has asked why the job ended: rank 0 need not stay for them.
  void let_all_go() {
    for (const char* rank : {"0", "1", "2"}) store_->set(std::string("answered/") + rank, "");
  }

  c10::intrusive_ptr<c10d::Store> store_ = c10::make_intrusive<c10d::HashStore>();
};

TEST_F(JobStores, GiveTheTextsOfAllInTheOrderOfRanks) {
  std::array<Texts, 3> seen;
  {
    std::vector<std::jthread> ranks;
    for (const int64_t rank : {2, 0, 1}) {
      ranks.emplace_back([&, rank] {
        const JobStore store = of_rank(rank);
        const std::string mine(static_cast<size_t>(rank), 'x');  // rank 0's is empty
        seen[static_cast<size_t>(rank)] = store.all_gather_texts("greeting", mine);
        seen[static_cast<size_t>(rank)].push_back(store.all_gather_texts("other", "y" + mine).back());
      });
    }
  }
  for (const Texts& texts : seen) EXPECT_EQ(texts, (Texts{"", "x", "xx", "yxx"}));
}

TEST_F(JobStores, GiveWhatIsSaidNowWhereTheSameWasAskedBefore) {
  std::array<std::vector<Texts>, 3> seen;
  {
    std::vector<std::jthread> ranks;
    for (const int64_t rank : {2, 0, 1}) {
      ranks.emplace_back([&, rank] {
        const JobStore store = of_rank(rank);
        for (const char* word : {"one", "two"}) {
          const JobStore copy = store;  // of the same store
          seen[static_cast<size_t>(rank)].push_back(copy.all_gather_texts("greeting", word));
        }
      });
    }
  }
  for (const auto& texts : seen) {
    EXPECT_EQ(texts, (std::vector<Texts>{{"one", "one", "one"}, {"two", "two", "two"}}));
  }
}

TEST_F(JobStores, NameAllThatGiveNothingInTime) {
  const JobStore first = of_rank(0, std::chrono::seconds(0));
  EXPECT_EQ(test::message_of([&] { first.all_gather_texts("greeting", "hello"); }),
            "rank 1 (process 2 on a), rank 2 (process 3 on b): did not come within 0 s "
            "(runtime.rank_timeout_s)");
  EXPECT_THROW(first.all_gather_texts("greeting", "hello"), LostRankError);
}

TEST_F(JobStores, TellTheLastWordsOfARankInsteadOfWaitingForIt) {
  let_all_go();
  EXPECT_TRUE(of_rank(1).publish_failure("a.png: cannot be read"));
  const std::string words = "rank 1 (process 2 on a) ended: a.png: cannot be read";
  EXPECT_EQ(test::message_of([&] { of_rank(0).all_gather_texts("greeting", "hello"); }), words);
  EXPECT_EQ(of_rank(2).diagnose_lost_rank("Connection closed by peer\nbacktrace"), words);
}

TEST_F(JobStores, LeaveTheSameWordsOnceAndOthersToo) {
  let_all_go();
  EXPECT_TRUE(of_rank(2).publish_failure("the disk is full"));
  EXPECT_TRUE(of_rank(2).publish_failure("the disk is full")) << "its own words";
  EXPECT_FALSE(of_rank(1).publish_failure("the disk is full")) << "rank 2 says so";
  EXPECT_TRUE(of_rank(0).publish_failure("out of memory"));
  EXPECT_EQ(of_rank(0).diagnose_lost_rank(""), "rank 2 (process 3 on b) ended: the disk is full")
      << "the first words explain the others";
}

}  // namespace
}  // namespace patronus
