/* Field numbers and codes of ONNX files, as far as we write them. Source: onnx/onnx.proto3 of the
 * ONNX project. Private to onnx.c. */
#ifndef WT_MODEL_ONNX_FIELDS_H
#define WT_MODEL_ONNX_FIELDS_H

enum { /* field numbers */
       MODEL_IR_VERSION = 1,
       MODEL_PRODUCER = 2,
       MODEL_PRODUCER_VERSION = 3,
       MODEL_GRAPH = 7,
       MODEL_OPSET = 8,
       MODEL_METADATA = 14,
       OPSET_DOMAIN = 1,
       OPSET_VERSION = 2,
       PROPERTY_KEY = 1,
       PROPERTY_VALUE = 2,
       GRAPH_NODE = 1,
       GRAPH_NAME = 2,
       GRAPH_INITIALIZER = 5,
       GRAPH_INPUT = 11,
       GRAPH_OUTPUT = 12,
       NODE_INPUT = 1,
       NODE_OUTPUT = 2,
       NODE_NAME = 3,
       NODE_OP = 4,
       NODE_ATTRIBUTE = 5,
       ATTRIBUTE_NAME = 1,
       ATTRIBUTE_F = 2,
       ATTRIBUTE_I = 3,
       ATTRIBUTE_S = 4,
       ATTRIBUTE_INTS = 8,
       ATTRIBUTE_TYPE = 20,
       TENSOR_DIMS = 1,
       TENSOR_TYPE = 2,
       TENSOR_NAME = 8,
       TENSOR_RAW = 9,
       VALUE_NAME = 1,
       VALUE_TYPE = 2,
       TYPE_TENSOR = 1,
       TENSOR_TYPE_ELEMENT = 1,
       TENSOR_TYPE_SHAPE = 2,
       SHAPE_DIM = 1,
       DIM_VALUE = 1,
       DIM_NAME = 2,
};
enum { IS_FLOAT = 1, IS_INT = 2, IS_STRING = 3, IS_INTS = 7 }; /* AttributeProto.type */
enum { TYPE_FLOAT = 1, TYPE_INT64 = 7 };                       /* TensorProto.DataType */
enum { IR_VERSION = 7, OPSET = 13 };

#endif
