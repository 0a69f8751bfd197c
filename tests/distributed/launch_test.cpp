#include "patronus/distributed/launch.h"

#include <gtest/gtest.h>

#include <map>

#include "support/failure.h"

namespace patronus {
namespace {

std::optional<Launch> launch_in(const std::map<std::string, std::string>& variables) {
  return find_launch([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Launch, WithoutALauncherThereIsNone) {
  EXPECT_FALSE(launch_in({}));
  EXPECT_FALSE(launch_in({{"RANK", "0"}, {"WORLD_SIZE", "1"}}));
  EXPECT_FALSE(launch_in({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}, {"SLURM_JOB_ID", "7"}}))
      << "a batch script is no step";
}

TEST(Launch, OfTorchrun) {
  const auto launch = launch_in({{"RANK", "9"},
                                 {"WORLD_SIZE", "16"},
                                 {"LOCAL_RANK", "1"},
                                 {"LOCAL_WORLD_SIZE", "8"},
                                 {"MASTER_ADDR", "node-a"},
                                 {"MASTER_PORT", "1234"},
                                 {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                 {"TORCHELASTIC_RESTART_COUNT", "2"},
                                 {"SLURM_PROCID", "1"},
                                 {"SLURM_STEP_NUM_TASKS", "2"}});
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->rank, 9);
  EXPECT_EQ(launch->size, 16);
  EXPECT_EQ(launch->local_rank, 1);
  EXPECT_EQ(launch->address, "node-a");
  EXPECT_EQ(launch->port, 1234);
  EXPECT_TRUE(launch->launcher_serves_store);
  EXPECT_EQ(launch->attempt, "2");
}

TEST(Launch, OfSlurmMeetsOnTheStepsFirstMachineAtAPortOfTheJob) {
  std::map<std::string, std::string> variables{
      {"SLURM_PROCID", "3"},    {"SLURM_STEP_NUM_TASKS", "4"},
      {"SLURM_LOCALID", "1"},   {"SLURM_STEP_NODELIST", "gpu[07-08]"},
      {"SLURM_JOB_ID", "4711"}, {"SLURM_STEP_ID", "0"}};
  const auto launch = launch_in(variables);
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->rank, 3);
  EXPECT_EQ(launch->size, 4);
  EXPECT_EQ(launch->local_rank, 1);
  EXPECT_EQ(launch->address, "gpu07");
  EXPECT_FALSE(launch->launcher_serves_store);
  EXPECT_GE(launch->port, 20000);
  EXPECT_LT(launch->port, 30000);
  variables["SLURM_STEP_ID"] = "1";
  EXPECT_NE(launch_in(variables)->port, launch->port);
}

TEST(Launch, OfOpenMpiOnOneMachineNeedsNoAddress) {
  std::map<std::string, std::string> variables{{"OMPI_COMM_WORLD_RANK", "1"},
                                               {"OMPI_COMM_WORLD_SIZE", "2"},
                                               {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                               {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};
  const auto launch = launch_in(variables);
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->address, "127.0.0.1");
  EXPECT_EQ(launch->port, 29500);
  variables["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
  EXPECT_EQ(
      test::message_of([&] { launch_in(variables); }),
      "environment variable MASTER_ADDR is not set, and mpirun does not say where rank 0 runs: expected "
      "the name of its machine");
}

TEST(Launch, RefusesWhatIsNoRank) {
  EXPECT_EQ(test::message_of([] {
              launch_in({{"RANK", "first"}, {"WORLD_SIZE", "2"}});
            }),
            "environment variable RANK is 'first': expected a whole number");
  EXPECT_EQ(test::message_of([] {
              launch_in({{"RANK", "2"}, {"WORLD_SIZE", "2"}});
            }),
            "environment variable RANK is 2, but WORLD_SIZE is 2: expected ranks from 0 to 1");
}

TEST(Launch, FirstMachineOfSlurmsLists) {
  EXPECT_EQ(first_host("login"), "login");
  EXPECT_EQ(first_host("a,b"), "a");
  EXPECT_EQ(first_host("gpu[03-05,9],login"), "gpu03");
  EXPECT_EQ(first_host("rack[1-2]n[04,06].local"), "rack1n04.local");
}

}  // namespace
}  // namespace patronus
