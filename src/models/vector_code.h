#pragma once

// Shared by the inner loops on CPUs. Their files are compiled with options that vectorise them.

#define PATRONUS_INLINE [[gnu::always_inline]] inline

/// Compiles a function for several instruction sets; the best one is chosen when the program starts.
#if defined(__x86_64__) && !defined(__clang__)
#define PATRONUS_FOR_EACH_CPU [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define PATRONUS_FOR_EACH_CPU
#endif
