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

TEST(Launch, TheInnermostLauncherCounts) {
  std::map<std::string, std::string> variables{{"MASTER_ADDR", "a"}, {"MASTER_PORT", "1"}};
  // From the outermost to the innermost: each hides those before.
  const std::vector<std::pair<std::string, std::string>> launchers{
      {"PMI_RANK", "PMI_SIZE"},
      {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
      {"RANK", "WORLD_SIZE"}};
  int64_t rank = 0;
  for (const auto& [rank_name, size_name] : launchers) {
    variables[rank_name] = std::to_string(++rank);
    variables[size_name] = "8";
    EXPECT_EQ(launch_in(variables)->rank, rank) << rank_name;
  }
  variables["WORLD_SIZE"] = "1";
  EXPECT_FALSE(launch_in(variables)) << "torchrun started this process alone, whatever started torchrun";
}

TEST(Launch, WhatIsSetByHandBeatsWhatTheLauncherSays) {
  const auto launch = launch_in({{"SLURM_PROCID", "1"},
                                 {"SLURM_STEP_NUM_TASKS", "2"},
                                 {"SLURM_STEP_NODELIST", "gpu[07-08]"},
                                 {"SLURM_JOB_ID", "4711"},
                                 {"MASTER_ADDR", "gpu08"},
                                 {"MASTER_PORT", "65535"}});
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->address, "gpu08");
  EXPECT_EQ(launch->port, 65535);
  EXPECT_EQ(launch->local_rank, std::nullopt);
  EXPECT_EQ(launch->attempt, "0");
}

TEST(Launch, OfMpichOnOneMachine) {
  const auto launch =
      launch_in({{"PMI_RANK", "2"}, {"PMI_SIZE", "3"}, {"MPI_LOCALRANKID", "2"}, {"MPI_LOCALNRANKS", "3"}});
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->rank, 2);
  EXPECT_EQ(launch->size, 3);
  EXPECT_EQ(launch->local_rank, 2);
  EXPECT_EQ(launch->address, "127.0.0.1");
  EXPECT_EQ(launch->port, 29500);
}

TEST(Launch, OfOpenMpiInAStepOfSlurmMeetsOnTheStepsFirstMachine) {
  std::map<std::string, std::string> variables{{"OMPI_COMM_WORLD_RANK", "3"},
                                               {"OMPI_COMM_WORLD_SIZE", "4"},
                                               {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                                               {"PMIX_NAMESPACE", "prterun-a"},
                                               {"SLURM_STEP_NODELIST", "gpu[07-08]"}};
  const auto launch = launch_in(variables);
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->address, "gpu07");
  EXPECT_EQ(launch->local_rank, std::nullopt) << "mpirun did not say it";
  EXPECT_FALSE(launch->launcher_serves_store);
  EXPECT_NE(launch->port, 29500) << "another job on these machines must not be met";
  variables["PMIX_NAMESPACE"] = "prterun-b";
  EXPECT_NE(launch_in(variables)->port, launch->port);
}

TEST(Launch, HalfOfALaunchersVariablesIsNoLaunch) {
  EXPECT_FALSE(launch_in({{"RANK", "3"}})) << "a batch system may have such a variable";
  EXPECT_FALSE(launch_in({{"RANK", "foo"}})) << "whatever it holds";
  EXPECT_FALSE(launch_in({{"WORLD_SIZE", "large"}}));
  EXPECT_FALSE(launch_in({{"WORLD_SIZE", "4"}}));
  const auto launch = launch_in({{"RANK", "9"}, {"PMI_RANK", "1"}, {"PMI_SIZE", "2"}, {"MASTER_ADDR", "a"}});
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->rank, 1) << "mpiexec's, which says both";
}

TEST(Launch, OfSlurmWithoutTheStepsMachinesNamesWhatIsMissing) {
  EXPECT_EQ(test::message_of([] {
              launch_in({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"SLURM_JOB_ID", "7"}});
            }),
            "environment variable MASTER_ADDR is not set, and srun does not say where rank 0 runs: expected "
            "the name of its machine");
}

TEST(Launch, APortFollowsFromTheJobAloneAndIsTheSameOnEveryRank) {
  const auto port = [](const std::string& job, const std::string& rank) {
    return launch_in({{"OMPI_COMM_WORLD_RANK", rank},
                      {"OMPI_COMM_WORLD_SIZE", "4"},
                      {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"},
                      {"PMIX_NAMESPACE", job}})
        ->port;
  };
  EXPECT_EQ(port("job-a", "0"), port("job-a", "3"));
  EXPECT_NE(port("job-a", "0"), port("job-b", "0"));
}

TEST(Launch, RefusesWhatIsNoPort) {
  for (const char* port : {"0", "65536", "99999999"}) {
    EXPECT_EQ(
        test::message_of([&] {
          launch_in({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", port}});
        }),
        "environment variable MASTER_PORT is " + std::string(port) + ": expected a port from 1 to 65535");
  }
}

TEST(Launch, RefusesNumbersThatAreNoneOfRanks) {
  for (const char* wrong : {"-1", "1.5", " 1", "1x", "99999999999999999999"}) {
    EXPECT_EQ(test::message_of([&] {
                launch_in({{"RANK", "0"}, {"WORLD_SIZE", wrong}, {"MASTER_ADDR", "a"}});
              }),
              "environment variable WORLD_SIZE is '" + std::string(wrong) + "': expected a whole number");
  }
  EXPECT_FALSE(launch_in({{"RANK", ""}, {"WORLD_SIZE", "2"}})) << "empty is not set";
}

TEST(Launch, FirstMachineOfSlurmsLists) {
  EXPECT_EQ(first_host("login"), "login");
  EXPECT_EQ(first_host("a,b"), "a");
  EXPECT_EQ(first_host("gpu[03-05,9],login"), "gpu03");
  EXPECT_EQ(first_host("rack[1-2]n[04,06].local"), "rack1n04.local");
  EXPECT_EQ(first_host("node[7]"), "node7");
  EXPECT_EQ(first_host("node-a-[012-100]"), "node-a-012") << "zeros and dashes of the name stay";
  EXPECT_EQ(first_host("node[03"), "node03") << "cut off";
  EXPECT_EQ(first_host(""), "");
}

}  // namespace
}  // namespace patronus
