#include "interop/unpickler.h"
