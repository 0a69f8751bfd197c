// Preloaded into a program: counts what it changes in the files below $FAULT_FOLDER and, at the change numbered $FAULT_AT
// (from 1 on), does what $FAULT says: "kill" ends the program with half of that change written, "power" ends it, too, and
// takes from every file what was not made durable, "full" lets this and all later changes fail as on a full disk,
// "no-symlinks" lets every symlink fail. Writes the count into $FAULT_COUNT at the end.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_int changes;

static int is_mode(const char* mode) {
  const char* wanted = getenv("FAULT");
  return wanted && strcmp(wanted, mode) == 0;
}

static int ends_program(void) {
  return is_mode("kill") || is_mode("power");
}

static int is_below(const char* path) {
  const char* folder = getenv("FAULT_FOLDER");
  return folder && strncmp(path, folder, strlen(folder)) == 0;
}

/// The path of an open file, into `path` [4096]; 0 where it has none.
static int path_of(int descriptor, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, 4095);
  path[length < 0 ? 0 : length] = 0;
  return length > 0;
}

static int is_open_below(int descriptor) {
  char path[4096];
  return path_of(descriptor, path) && is_below(path);
}

/// A file that was written to, and how much of it a power failure leaves.
struct WrittenFile {
  char path[4096];
  off_t durable;
};
static struct WrittenFile written[64];  // some are open for long, others are renamed and forgotten
static int written_count;
static pthread_mutex_t written_lock = PTHREAD_MUTEX_INITIALIZER;

static struct WrittenFile* find_written(const char* path) {
  for (int i = 0; i < written_count; ++i) {
    if (strcmp(written[i].path, path) == 0) return &written[i];
  }
  return NULL;
}

/// Before a write: what the file holds now is durable where it is not known yet.
static void note_write(int descriptor) {
  char path[4096];
  struct stat status;
  if (!is_mode("power") || !path_of(descriptor, path) || fstat(descriptor, &status) != 0) return;
  pthread_mutex_lock(&written_lock);
  if (!find_written(path) && written_count < 64) {
    strcpy(written[written_count].path, path);
    written[written_count++].durable = status.st_size;
  }
  pthread_mutex_unlock(&written_lock);
}

/// Files that are whole and durable are forgotten.
static void note_sync(int descriptor) {
  char path[4096];
  if (!is_mode("power") || !path_of(descriptor, path)) return;
  pthread_mutex_lock(&written_lock);
  struct WrittenFile* file = find_written(path);
  if (file) *file = written[--written_count];
  pthread_mutex_unlock(&written_lock);
}

static void note_rename(const char* from, const char* to) {
  pthread_mutex_lock(&written_lock);
  struct WrittenFile* file = find_written(from);
  if (file) strcpy(file->path, to);
  pthread_mutex_unlock(&written_lock);
}

/// Ends the program as its fault says.
static void end(void) {
  if (is_mode("power")) {
    for (int i = 0; i < written_count; ++i) {
      if (truncate(written[i].path, written[i].durable) != 0) continue;  // removed since
    }
  }
  raise(SIGKILL);
}

/// Counts a change; 1 where it must fail, which is the first to fail where `first` becomes 1.
static int fails(int* first) {
  const char* at = getenv("FAULT_AT");
  const int number = atomic_fetch_add(&changes, 1) + 1;
  *first = at && number == atoi(at);
  errno = ENOSPC;
  return at && (is_mode("full") ? number >= atoi(at) : ends_program() && *first);
}

/// A change that cannot be half done.
static int fails_whole(void) {
  int first;
  if (!fails(&first)) return 0;
  if (ends_program()) end();
  return 1;
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  int first;
  if (!is_open_below(descriptor)) return NEXT(write)(descriptor, bytes, count);
  note_write(descriptor);
  if (!fails(&first)) return NEXT(write)(descriptor, bytes, count);
  const ssize_t half = first ? NEXT(write)(descriptor, bytes, count / 2) : 0;
  if (ends_program()) end();
  errno = ENOSPC;
  return half > 0 ? half : -1;
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  if (!is_open_below(descriptor) || count < 1) return NEXT(writev)(descriptor, parts, count);
  int first;
  note_write(descriptor);
  if (!fails(&first)) return NEXT(writev)(descriptor, parts, count);
  const ssize_t part = first ? NEXT(write)(descriptor, parts[0].iov_base, parts[0].iov_len) : 0;
  if (ends_program()) end();
  errno = ENOSPC;
  return part > 0 ? part : -1;
}

size_t fwrite(const void* items, size_t size, size_t count, FILE* file) {
  return is_open_below(fileno(file)) && fails_whole() ? 0 : NEXT(fwrite)(items, size, count, file);
}

int fflush(FILE* file) {
  return file && is_open_below(fileno(file)) && fails_whole() ? EOF : NEXT(fflush)(file);
}

int fsync(int descriptor) {
  if (is_open_below(descriptor) && fails_whole()) return -1;
  note_sync(descriptor);
  return NEXT(fsync)(descriptor);
}

int rename(const char* from, const char* to) {
  if (is_below(to) && fails_whole()) return -1;
  note_rename(from, to);
  return NEXT(rename)(from, to);
}

int mkdir(const char* path, mode_t mode) {
  return is_below(path) && fails_whole() ? -1 : NEXT(mkdir)(path, mode);
}

int unlink(const char* path) {  // succeeds on a full disk
  if (is_below(path) && ends_program()) fails_whole();
  return NEXT(unlink)(path);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return flags & O_CREAT && is_below(path) && fails_whole() ? -1 : NEXT(open)(path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  return mode[0] != 'r' && is_below(path) && fails_whole() ? NULL : NEXT(fopen)(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  return fopen(path, mode);
}

int symlink(const char* target, const char* path) {
  if (!is_mode("no-symlinks")) return NEXT(symlink)(target, path);
  errno = EPERM;
  return -1;
}

__attribute__((destructor)) static void tell_count(void) {
  const char* path = getenv("FAULT_COUNT");
  FILE* file = path ? NEXT(fopen)(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%d\n", (int)changes);
  fclose(file);
}

// The program ends by quick_exit, which runs no destructors.
__attribute__((constructor)) static void tell_count_at_quick_exit(void) { at_quick_exit(tell_count); }
