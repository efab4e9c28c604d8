// MicroPython's core wants this header. Nothing of a hardware layer is used.
static inline void mp_hal_set_interrupt_char(char c) {
    (void)c;
}
