#pragma once
#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace patronus::test {

/// Mounts a small in-memory file system on an existing folder during its lifetime; needs root.
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
