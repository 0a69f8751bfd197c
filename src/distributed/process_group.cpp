#include "patronus/distributed/process_group.h"

#include <ATen/Functions.h>
#include <c10/core/Event.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Logging.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "distributed/nccl.h"
#include "distributed/peers.h"
#include "patronus/core/device.h"
#include "patronus/core/gpu_function.h"
#include "patronus/core/log.h"
#include "patronus/core/process.h"

namespace patronus {
namespace {

using c10::intrusive_ptr;
using c10d::Backend;

/// Timeout of barriers: ranks may work for hours (decoding, say) before they meet.
constexpr std::chrono::hours kLongWork{24};

intrusive_ptr<Backend> gloo(const Peers& peers, std::chrono::seconds timeout) {
  const auto store = c10::make_intrusive<c10d::PrefixStore>("gloo", peers.store());
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      store, static_cast<int>(peers.rank()), static_cast<int>(peers.size()),
      c10d::ProcessGroupGloo::Options::create_default(timeout));
}

/// Backend for tensors on GPUs: NCCL, or else Gloo, which copies them through host memory.
intrusive_ptr<Backend> tensor_backend(const Peers& peers, at::Device device, std::chrono::seconds timeout,
                                      const intrusive_ptr<Backend>& control) {
  auto* const nccl = gpu_function<decltype(make_nccl)>("make_nccl");
  if (!device.is_cuda() || nccl == nullptr) return control;
  constexpr std::chrono::minutes kLonger{5};  // Gloo times out first: it can name the missing rank
  return nccl(peers.store(), peers.rank(), peers.size(), timeout + kLonger);
}

/// Number of lower ranks on the same machine.
int64_t number_on_machine(const Peers& peers) {
  const auto hosts = peers.all_gather_texts("host", host_name());
  const auto own = hosts.begin() + peers.rank();
  return std::count(hosts.begin(), own, *own);
}

}  // namespace

struct ProcessGroup::Members {
  Members(const Launch& launch, at::Device device, std::chrono::seconds timeout)
      : peers(launch, timeout),
        local_rank(launch.local_rank ? *launch.local_rank : number_on_machine(peers)) {
    attempt([&] {
      control = gloo(peers, timeout);
      // A rank that went ahead and failed would break connections that others are still making.
      control->barrier()->wait();
      tensors = tensor_backend(peers, device, timeout, control);
    });
  }

  /// NCCL warns if it is destroyed without a shutdown.
  ~Members() {
    if (!tensors || tensors == control) return;
    try {
      tensors->shutdown();
    } catch (const std::exception&) {  // all work is done by now
    }
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  template <class Act>
  void attempt(const Act& act) {
    try {
      act();
    } catch (const std::exception& e) {
      close();
      throw LostRankError(peers.diagnose_lost_rank(e.what()));
    }
  }

  /// Waits for the operation that `start` returns.
  template <class Start>
  void finish(const Start& start) {
    if (!control) throw LostRankError("the ranks have parted");
    attempt([&] { start()->wait(); });
  }

  /// Closes the connections, so that the other ranks notice. NCCL's destructor would wait for operations that
  /// never finish: leaked.
  void close() {
    if (tensors != control) tensors.release();
    tensors.reset();
    control.reset();
  }

  /// NCCL does not accept CPU tensors.
  const intrusive_ptr<Backend>& backend_for(const at::Tensor& tensor) const {
    return tensor.is_cpu() ? control : tensors;
  }

  void sum(at::Tensor tensor) {
    std::vector<at::Tensor> list{std::move(tensor)};
    finish([&] { return backend_for(list.front())->allreduce(list); });
  }

  Peers peers;
  int64_t local_rank;
  intrusive_ptr<Backend> control;  // Gloo
  intrusive_ptr<Backend> tensors;  // NCCL, or the same as `control`
  at::Device device = at::kCPU;    // this rank's device
};

ProcessGroup::ProcessGroup(const Launch& launch, at::Device device, std::chrono::seconds timeout) {
  // Gloo writes to sockets of ranks that may be lost: an error, which can be said, not this process' end.
  std::signal(SIGPIPE, SIG_IGN);
  // LibTorch logs traces of its own before the line that names the lost rank.
  if (!is_shown(LogLevel::kDebug)) FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  members_ = std::make_shared<Members>(launch, device, timeout);
  members_->device = local_device(device);
  // Keeps LibTorch's allocations on the default GPU from all landing on the first one.
  if (device.is_cuda()) c10::impl::getDeviceGuardImpl(at::kCUDA)->setDevice(members_->device);
}

int64_t ProcessGroup::rank() const {
  return members_ ? members_->peers.rank() : 0;
}

int64_t ProcessGroup::size() const {
  return members_ ? members_->peers.size() : 1;
}

bool ProcessGroup::is_first_on_machine() const {
  return !members_ || members_->local_rank == 0;
}

std::string ProcessGroup::name(int64_t rank) const {
  return members_ ? members_->peers.name(rank) : "this process";
}

at::Device ProcessGroup::local_device(at::Device device) const {
  if (!members_ || !device.is_cuda()) return device;
  // Modulo, as a launcher may show each rank only one GPU.
  return {at::kCUDA, static_cast<at::DeviceIndex>(members_->local_rank % gpu_count())};
}

at::Tensor ProcessGroup::local_rows(const at::Tensor& rows) const {
  TORCH_CHECK(rows.size(0) % size() == 0, rows.size(0), " rows for ", size(), " ranks");
  const int64_t share = rows.size(0) / size();
  return rows.narrow(0, rank() * share, share);
}

void ProcessGroup::sum(at::Tensor tensor) const {
  if (members_) members_->sum(std::move(tensor));
}

void ProcessGroup::average(const std::vector<at::Tensor>& tensors) const {
  if (!members_) return;
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> flat;
  for (const auto& tensor : tensors) flat.push_back(tensor.reshape(-1));
  const auto all = at::cat(flat);
  sum(all);
  all.div_(size());
  int64_t first = 0;
  for (const auto& tensor : tensors) {
    tensor.copy_(all.narrow(0, first, tensor.numel()).view(tensor.sizes()));
    first += tensor.numel();
  }
}

void ProcessGroup::broadcast(const std::vector<at::Tensor>& tensors) const {
  if (!members_) return;
  const c10::NoGradGuard no_grad;
  for (const auto& tensor : tensors) {
    std::vector<at::Tensor> list{tensor.detach()};
    members_->finish([&] { return members_->backend_for(list.front())->broadcast(list); });
  }
}

int64_t ProcessGroup::all_reduce_max(int64_t value) const {
  if (!members_) return value;
  std::vector<at::Tensor> list{at::full({1}, value, at::kLong)};
  c10d::AllreduceOptions options;
  options.reduceOp = c10d::ReduceOp::MAX;
  members_->finish([&] { return members_->control->allreduce(list, options); });
  return list.front().item<int64_t>();
}

std::vector<std::string> ProcessGroup::all_gather_texts(const std::string& name,
                                                        const std::string& text) const {
  return members_ ? members_->peers.all_gather_texts("text " + name, text) : std::vector{text};
}

void ProcessGroup::barrier() const {
  if (!members_) return;
  c10d::BarrierOptions options;
  options.timeout = kLongWork;
  members_->finish([&] { return members_->control->barrier(options); });
}

void ProcessGroup::wait_for_device() const {
  if (!members_ || !members_->device.is_cuda()) return;
  c10::Event done(at::kCUDA);
  done.record(c10::impl::VirtualGuardImpl(at::kCUDA).getStream(members_->device));
  while (!all(done.query())) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

bool ProcessGroup::fail(const std::string& message) const {
  if (!members_) return true;
  members_->close();
  return members_->peers.publish_failure(message);
}

}  // namespace patronus
