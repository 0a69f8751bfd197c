#include "patronus/io/image.h"
