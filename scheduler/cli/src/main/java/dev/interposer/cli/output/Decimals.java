package dev.interposer.cli.output;

/** Fixed point as people read it. */
final class Decimals {
    private Decimals() {}

    /** 1500 is 1.5 and 2000 is 2. */
    static String milli(long milli) {
        String whole = Long.toString(milli / 1000);
        String rest = String.format("%03d", milli % 1000).replaceAll("0+$", "");
        return rest.isEmpty() ? whole : whole + "." + rest;
    }

    /** Of a unit, to a tenth: 1.5, and 2 for 2.0. */
    static String tenths(long amount, long unit) {
        long tenths = (amount * 10 + unit / 2) / unit;
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + tenths % 10;
    }

    /** Thousandths of a percent, to a tenth. */
    static String percent(int milliPercent) {
        int tenths = (milliPercent + 50) / 100;
        return tenths / 10 + "." + tenths % 10 + "%";
    }

    /** Seconds as hours, to a tenth. */
    static String hours(long seconds) {
        long tenths = (seconds + 180) / 360;
        return tenths / 10 + "." + tenths % 10;
    }
}
