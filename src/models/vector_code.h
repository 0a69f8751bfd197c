#pragma once

// What the inner loops on CPUs share. Their files are compiled with options that make vectors of them.

#define PATRONUS_INLINE [[gnu::always_inline]] inline

/// Before a function: compiled for several instruction sets, of which the program takes the best when it
/// starts.
#if defined(__x86_64__) && !defined(__clang__)
#define PATRONUS_FOR_EACH_CPU [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define PATRONUS_FOR_EACH_CPU
#endif
