package dev.interposer.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.util.Map;

/** Messages and other values as JSON or YAML, with every field. */
public final class Messages {
    private static final JsonFormat.Printer JSON = JsonFormat.printer().alwaysPrintFieldsWithNoPresence();
    private static final ObjectMapper PLAIN = new ObjectMapper();
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER));

    private Messages() {}

    /** Maps, lists, texts and numbers. */
    public static String text(Map<String, ?> value, Format format) {
        try {
            return format == Format.YAML
                    ? YAML.writeValueAsString(value)
                    : PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value can't be written", e);
        }
    }

    /** Of many one after the other: JSON in one line each, documents of YAML. */
    public static String oneOfMany(MessageOrBuilder message, Format format) {
        try {
            return format == Format.YAML
                    ? "---\n" + text(message, format)
                    : JSON.omittingInsignificantWhitespace().print(message) + "\n";
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message can't be written", e);
        }
    }

    public static String text(MessageOrBuilder message, Format format) {
        try {
            String json = JSON.print(message);
            return format == Format.YAML ? YAML.writeValueAsString(PLAIN.readTree(json)) : json + "\n";
        } catch (InvalidProtocolBufferException | JsonProcessingException e) {
            throw new IllegalStateException("a message can't be written", e);
        }
    }
}
