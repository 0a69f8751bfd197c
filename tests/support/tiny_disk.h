#pragma once
#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace patronus::test {

/// A small file system in memory, mounted on an existing folder while this object lives; only root may.
class TinyDisk {
 public:
  TinyDisk(std::filesystem::path folder, int64_t kibibytes) : folder_(std::move(folder)) {
    const std::string size = "size=" + std::to_string(kibibytes) + "k";
    mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~TinyDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace patronus::test
