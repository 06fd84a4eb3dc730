"""The sale gate as a service: where may this seller sell this product?"""
