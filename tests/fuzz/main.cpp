// Reads damaged files of every kind: fuzz_readers READER [inputs [first]], READER being a kind's name or
// "all". Ends with 1 at the first file that brings out anything but an Error, takes 5 seconds or
// a gigabyte, and leaves it there.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include "fuzz/mutate.h"
#include "fuzz/readers.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"

extern "C" const char* __asan_default_options() {
  return "max_allocation_size_mb=1000:allocator_may_return_null=1:detect_container_overflow=0:detect_leaks=0:"
         "quarantine_size_mb=16";
}

extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1:print_stacktrace=1";
}

namespace patronus::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMaxSeconds = 5;
constexpr int64_t kMaxMemory = int64_t{1} << 30;

int64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} << 10;
}

extern "C" void say_that_it_hangs(int) {
  constexpr char kMessage[] = "longer than 5 seconds\n";
  const ssize_t written = write(STDERR_FILENO, kMessage, std::strlen(kMessage));
  _exit(written > 0 ? 1 : 2);
}

/// Seeds that nothing reads would try the first lines of a reader alone.
void require_readable(const Reader& reader, const fs::path& file, const std::string& seed) {
  std::ofstream(file, std::ios::binary) << seed;
  try {
    reader.read(file);
  } catch (const Error& error) {
    throw std::logic_error(reader.name + ": its seed is not read: " + error.what());
  }
}

/// What is wrong with how the file was read; empty when all is well. `whole`: set when it was read.
std::string fault_of(const Reader& reader, const fs::path& file, bool& whole) {
  try {
    reader.read(file);
    whole = true;
    return "";
  } catch (const Error& error) {
    return *error.what() == 0 ? "an Error that says nothing" : "";
  } catch (const std::exception& other) {
    return std::string("not an Error: ") + other.what();
  }
}

bool passes(const Reader& reader, uint64_t first, uint64_t inputs) {
  std::string folder_name = (fs::temp_directory_path() / "patronus-fuzz-XXXXXX").string();
  const fs::path folder = mkdtemp(folder_name.data()), file = folder / reader.file;
  fs::create_directories(file.parent_path());
  const auto seeds = reader.prepare(folder);
  require_readable(reader, file, seeds.front());
  const int64_t before = peak_memory();
  uint64_t read = 0;
  for (uint64_t number = first; number < first + inputs; ++number) {
    std::ofstream(file, std::ios::binary) << mutated(seeds, number);
    alarm(kMaxSeconds);
    bool whole = false;
    std::string fault = fault_of(reader, file, whole);
    alarm(0);
    if (peak_memory() - before > kMaxMemory) fault = "more than a gigabyte of memory";
    if (!fault.empty()) {
      std::cerr << reader.name << " input " << number << " (" << file.string() << "): " << fault << "\n";
      return false;
    }
    read += whole;
  }
  std::cout << reader.name << ": " << inputs << " inputs, " << read << " read, "
            << ((peak_memory() - before) >> 20) << " MiB of memory\n"
            << std::flush;
  fs::remove_all(folder);
  return true;
}

int run(const std::string& name, uint64_t inputs, uint64_t first) {
  set_log_level(LogLevel::kError);
  signal(SIGALRM, say_that_it_hangs);
  bool known = false, good = true;
  for (const auto& readers : {picture_readers(), text_readers(), tensor_readers(), data_set_readers()}) {
    for (const auto& reader : readers) {
      if (name != "all" && name != reader.name) continue;
      known = true;
      good &= passes(reader, first, inputs);
    }
  }
  if (!known) std::cerr << name << ": no such reader\n";
  return known && good ? 0 : 1;
}

}  // namespace
}  // namespace patronus::test

int main(int argc, char** argv) {
  const auto number = [&](int place, uint64_t otherwise) {
    return argc > place ? std::strtoull(argv[place], nullptr, 10) : otherwise;
  };
  return patronus::test::run(argc > 1 ? argv[1] : "all", number(2, 200), number(3, 0));
}
