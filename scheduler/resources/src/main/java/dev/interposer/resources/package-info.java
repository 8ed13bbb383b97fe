/** The objects of the API and their parsing; imports the engine and control, Fabric8 and Jackson. */
@NullMarked
package dev.interposer.resources;

import org.jspecify.annotations.NullMarked;
