#include "io/unpickler.h"
