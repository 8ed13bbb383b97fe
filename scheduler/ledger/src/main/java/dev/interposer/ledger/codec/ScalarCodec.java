package dev.interposer.ledger.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One value on the wire: a number, a string, an enum constant or a record. */
sealed interface ScalarCodec {
    void write(WireWriter out, int field, Object value);

    Object read(CodedInputStream in) throws IOException;

    boolean isDefault(Object value);

    /** What stands for a value that was left out. */
    @Nullable
    Object defaultOf(Class<?> type);

    /** The value as the number that stands for it in a packed list. */
    default long number(Object value) {
        throw new IllegalStateException(value + " is not packed");
    }

    static ScalarCodec of(Class<?> type, FieldDescriptor field, CodecRegistry registry) {
        return switch (field.getJavaType()) {
            case LONG -> expect(field, type == long.class || type == Long.class, new LongCodec());
            case INT -> expect(field, type == int.class || type == Integer.class, new IntCodec());
            case BOOLEAN -> expect(field, type == boolean.class, new BooleanCodec());
            case STRING -> expect(field, type == String.class, new StringCodec());
            case ENUM -> expect(field, type.isEnum(), EnumCodec.of(type, field));
            case MESSAGE -> expect(field, type.isRecord(), new MessageCodec(type, field, registry));
            case FLOAT, DOUBLE, BYTE_STRING ->
                throw new IllegalStateException("field " + field.getFullName() + " has a type that nothing stores");
        };
    }

    private static ScalarCodec expect(FieldDescriptor field, boolean fits, ScalarCodec codec) {
        if (!fits) {
            throw new IllegalStateException("field " + field.getFullName() + " has another type than its component");
        }
        return codec;
    }

    /** int64. */
    record LongCodec() implements ScalarCodec {
        @Override
        public void write(WireWriter out, int field, Object value) {
            out.varint(field, (Long) value);
        }

        @Override
        public Object read(CodedInputStream in) throws IOException {
            return in.readInt64();
        }

        @Override
        public boolean isDefault(Object value) {
            return (Long) value == 0;
        }

        @Override
        public Object defaultOf(Class<?> type) {
            return 0L;
        }
    }

    /** int32. */
    record IntCodec() implements ScalarCodec {
        @Override
        public void write(WireWriter out, int field, Object value) {
            out.varint(field, (Integer) value);
        }

        @Override
        public long number(Object value) {
            return (Integer) value;
        }

        @Override
        public Object read(CodedInputStream in) throws IOException {
            return in.readInt32();
        }

        @Override
        public boolean isDefault(Object value) {
            return (Integer) value == 0;
        }

        @Override
        public Object defaultOf(Class<?> type) {
            return 0;
        }
    }

    /** bool. */
    record BooleanCodec() implements ScalarCodec {
        @Override
        public void write(WireWriter out, int field, Object value) {
            out.varint(field, (Boolean) value ? 1 : 0);
        }

        @Override
        public Object read(CodedInputStream in) throws IOException {
            return in.readBool();
        }

        @Override
        public boolean isDefault(Object value) {
            return !(Boolean) value;
        }

        @Override
        public Object defaultOf(Class<?> type) {
            return false;
        }
    }

    /** string. */
    record StringCodec() implements ScalarCodec {
        @Override
        public void write(WireWriter out, int field, Object value) {
            out.string(field, (String) value);
        }

        @Override
        public Object read(CodedInputStream in) throws IOException {
            return in.readStringRequireUtf8();
        }

        @Override
        public boolean isDefault(Object value) {
            return ((String) value).isEmpty();
        }

        @Override
        public Object defaultOf(Class<?> type) {
            return "";
        }
    }

    /** An enum constant by the number of the value {@code TYPE_NAME_CONSTANT}; never zero. */
    record EnumCodec(Map<Object, Integer> numbers, Map<Integer, Object> constants) implements ScalarCodec {
        static EnumCodec of(Class<?> type, FieldDescriptor field) {
            Map<Object, Integer> numbers = new HashMap<>();
            Map<Integer, Object> constants = new HashMap<>();
            String prefix = RecordCodec.snake(type.getSimpleName()).substring(1).toUpperCase(Locale.ROOT) + "_";
            for (Object constant : type.getEnumConstants()) {
                String name = prefix + ((Enum<?>) constant).name();
                EnumValueDescriptor value = field.getEnumType().findValueByName(name);
                if (value == null) {
                    throw new IllegalStateException(field.getEnumType().getFullName() + " has no value " + name);
                }
                numbers.put(constant, value.getNumber());
                constants.put(value.getNumber(), constant);
            }
            return new EnumCodec(numbers, constants);
        }

        @Override
        public void write(WireWriter out, int field, Object value) {
            out.varint(field, number(value));
        }

        @Override
        public long number(Object value) {
            Integer number = numbers.get(value);
            if (number == null) {
                throw new IllegalStateException(value + " has no number");
            }
            return number;
        }

        @Override
        public Object read(CodedInputStream in) throws IOException {
            int number = in.readEnum();
            Object constant = constants.get(number);
            if (constant == null) {
                throw new IOException("enum value " + number + " is not known to this version");
            }
            return constant;
        }

        @Override
        public boolean isDefault(Object value) {
            return false;
        }

        @Override
        public @Nullable Object defaultOf(Class<?> type) {
            throw new IllegalStateException("an enum " + type.getSimpleName() + " was left out");
        }
    }

    /** A record of its own. */
    record MessageCodec(Class<?> type, FieldDescriptor field, CodecRegistry registry) implements ScalarCodec {
        @Override
        public void write(WireWriter out, int number, Object value) {
            int start = out.begin(number);
            registry.codec(type).write(out, value);
            out.end(start);
        }

        @Override
        public Object read(CodedInputStream in) throws IOException {
            int limit = in.pushLimit(in.readRawVarint32());
            Object value = registry.codec(type).read(in);
            in.popLimit(limit);
            return value;
        }

        @Override
        public boolean isDefault(Object value) {
            return false;
        }

        @Override
        public @Nullable Object defaultOf(Class<?> recordType) {
            return null;
        }
    }
}
