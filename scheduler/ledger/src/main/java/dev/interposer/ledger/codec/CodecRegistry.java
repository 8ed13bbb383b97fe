package dev.interposer.ledger.codec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The codec of each record, by the message of its simple name. */
final class CodecRegistry {
    private final FileDescriptor contract;
    private final Map<Class<?>, RecordCodec> codecs = new ConcurrentHashMap<>();

    CodecRegistry(FileDescriptor contract) {
        this.contract = contract;
    }

    RecordCodec codec(Class<?> type) {
        RecordCodec known = codecs.get(type);
        if (known != null) {
            return known;
        }
        Descriptor message = contract.findMessageTypeByName(type.getSimpleName());
        if (message == null) {
            throw new IllegalStateException("ledger.v1 has no message " + type.getSimpleName());
        }
        // Not computeIfAbsent: making a codec asks for those of its fields.
        RecordCodec made = RecordCodec.of(type, message, this);
        codecs.put(type, made);
        return made;
    }
}
