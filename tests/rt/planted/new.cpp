// expect: operator new(unsigned long)
float *planted() noexcept { return new float(1.0f); }
