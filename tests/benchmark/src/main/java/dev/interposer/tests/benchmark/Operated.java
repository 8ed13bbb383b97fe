package dev.interposer.tests.benchmark;

/** Something in a steady state that is operated again and again. */
interface Operated {
    void operate();

    /** Gangs placed so far. */
    long placements();

    /** Workers of the gangs placed so far. */
    long workers();

    /** Time spent on decisions and on taking them into the state; 0 where nothing else is done. */
    default long decidingNanos() {
        return 0;
    }

    /** Whole free devices, in thousandths of all. */
    long freeMilli();
}
