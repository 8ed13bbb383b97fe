package dev.interposer.tests.benchmark;

/** Something in a steady state that is operated again and again. */
interface Operated {
    void operate();

    /** Gangs placed so far. */
    long placements();

    /** Workers of the gangs placed so far. */
    long workers();

    /** Whole free devices, in thousandths of all. */
    long freeMilli();
}
