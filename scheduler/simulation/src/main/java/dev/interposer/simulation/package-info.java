/** Virtual time and ports that inject faults over the production classes; imports control. */
@NullMarked
package dev.interposer.simulation;

import org.jspecify.annotations.NullMarked;
