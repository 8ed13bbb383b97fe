package dev.interposer.agent.driver.nvml;

/** What the library's functions return, in numbers that we act on and in words for people. */
final class Code {
    static final int SUCCESS = 0;
    static final int UNINITIALIZED = 1;
    static final int NOT_SUPPORTED = 3;
    static final int INSUFFICIENT_SIZE = 7;
    static final int TIMEOUT = 10;
    static final int FUNCTION_NOT_FOUND = 13;
    static final int GPU_IS_LOST = 15;
    static final int RESET_REQUIRED = 16;
    static final int GPU_NOT_FOUND = 28;
    private static final int IRQ_ISSUE = 11;
    private static final int UNKNOWN = 999;

    private Code() {}

    /** Whether the device itself is away, whatever was asked of it. */
    static boolean lost(int code) {
        return code == GPU_IS_LOST || code == GPU_NOT_FOUND;
    }

    /** Whether it says that something is wrong with the device, and not that it can't tell what was asked. */
    static boolean ails(int code) {
        return code == RESET_REQUIRED || code == TIMEOUT || code == IRQ_ISSUE || code == UNKNOWN;
    }

    static String words(int code) {
        return meaning(code) + " (NVML code " + code + ")";
    }

    private static String meaning(int code) {
        return switch (code) {
            case SUCCESS -> "no error";
            case UNINITIALIZED -> "the library is not initialised, or was closed";
            case 2 -> "an argument is not valid";
            case NOT_SUPPORTED -> "the device does not support it";
            case 4 -> "no permission: run the agent as root";
            case 6 -> "not found";
            case INSUFFICIENT_SIZE -> "the space for the answer was too small";
            case 8 -> "a power cable of the device is not attached";
            case 9 -> "the kernel's NVIDIA driver is not loaded: see dmesg, try modprobe nvidia";
            case TIMEOUT -> "it took too long";
            case IRQ_ISSUE -> "the kernel has trouble with the device's interrupts";
            case 12 -> "a library that it needs is missing";
            case FUNCTION_NOT_FOUND -> "the library has no such function";
            case 14 -> "the device's information ROM is corrupted";
            case GPU_IS_LOST -> "the device has fallen off the bus or can't be reached";
            case RESET_REQUIRED -> "the device must be reset";
            case 17 -> "the operating system or its control groups block the device";
            case 18 -> "the library and the kernel's driver are of different versions: reboot, or load the new driver";
            case 19 -> "the device is in use";
            case 20 -> "no memory";
            case 21 -> "no data";
            case 23 -> "out of resources";
            case 25 -> "the library does not know this version of the structure";
            case 27 -> "not ready yet";
            case GPU_NOT_FOUND -> "there is no such device";
            case 29 -> "its state does not allow it";
            default -> "an error that the library does not explain";
        };
    }
}
