package dev.interposer.server.grpc;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32;

/** Where a list goes on: after an id. Opaque to clients, and refused when it was not made here. */
final class PageToken {
    static final int DEFAULT_SIZE = 100;
    static final int MOST_SIZE = 1000;

    private PageToken() {}

    static String after(long id) {
        ByteBuffer buffer = ByteBuffer.allocate(12).putLong(id).putInt(check(id));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
    }

    static long read(String token) {
        if (token.isEmpty()) {
            return 0;
        }
        try {
            ByteBuffer buffer = ByteBuffer.wrap(Base64.getUrlDecoder().decode(token));
            if (buffer.remaining() == 12) {
                long id = buffer.getLong();
                if (buffer.getInt() == check(id)) {
                    return id;
                }
            }
        } catch (IllegalArgumentException e) {
            throw Errors.invalid("pageToken", token, "was not made by this service. Maybe begin without one?");
        }
        throw Errors.invalid("pageToken", token, "was not made by this service. Maybe begin without one?");
    }

    static int size(int asked) {
        if (asked < 0 || asked > MOST_SIZE) {
            throw Errors.invalid("pageSize", Integer.toString(asked), "must be between 0 and " + MOST_SIZE);
        }
        return asked == 0 ? DEFAULT_SIZE : asked;
    }

    private static int check(long id) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(8).putLong(id).array());
        return (int) crc.getValue();
    }
}
