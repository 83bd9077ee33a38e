// expect: __cxa_throw
void planted(int value) {
    if (value > 0) throw value;
}
